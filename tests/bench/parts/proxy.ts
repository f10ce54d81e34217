/**
 * Behind the real proxy: clients, proxy, agent and upstream share the machine, and what an agent adds is seen by the clients.
 *
 * Each round has a proxy of its own: clients leave with requests under way, which some releases count against the upstream, so that
 * they would refuse the next round.
 *
 * @module
 */

import { ProxyProcess } from "../../proxy/proxy_process.ts";
import { proxyBinary, type ProxyRelease, RELEASES } from "../../proxy/releases.ts";
import { countsSince } from "../agent_log.ts";
import { FLOOR, OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { cpuNanoseconds } from "../process.ts";
import { programPath } from "../proxy/installed.ts";
import { Nginx } from "../proxy/nginx.ts";
import { CLIENTS, runWrk } from "../proxy/wrk.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, type Metric, METRICS, ratioTable } from "../results.ts";
import { type Outcome, takeTurns } from "../rounds.ts";

/** A proxy that asks nobody. */
const NONE = "none";
/** As in the example, where the tests have a longer one. */
const DEADLINE = { replace: { "timeout-ms 50 ": "timeout-ms 50 " } };

interface ProxyRound extends Outcome {
  /** Processor time of the proxy a request, in microseconds. */
  readonly proxyCpuUs: number;
  /** What the agent adds to the clients' median, in microseconds, against the round without one in the same turn. */
  readonly addedUs: number;
}

const RATIOS: readonly Metric<ProxyRound>[] = [
  ...METRICS.slice(0, 3),
  { name: "p90 us", of: (round) => round.fast.p90 },
  ...METRICS.slice(3),
  { name: "added p50 us", of: (round) => round.addedUs },
];
const FIGURES: readonly Metric<ProxyRound>[] = [
  { name: "added p50 us", of: (round) => round.addedUs },
  { name: "proxy's CPU us", of: (round) => round.proxyCpuUs },
];

/** @throws {Error} that says how to install the first of the programs that is missing. */
export function checkInstalled(proxies: readonly ProxyRelease[]): void {
  programPath("wrk");
  programPath("nginx");
  for (const release of proxies) proxyBinary(release);
}

/** Ours, the peer where the proxy speaks v1, the floor and none, taking turns. */
export async function benchProxy(context: BenchContext): Promise<PartResult> {
  const measured: Measured<ProxyRound>[] = [];
  const compared = new Map<string, Compared<ProxyRound>[]>();
  await using upstream = await Nginx.start(context.folder);
  for (const load of context.proxies) {
    context.say(`behind ${load}`);
    const rounds = await runBehind(context, load, upstream.port);
    const ours = rounds.get(OURS.name) ?? [];
    for (const [agent, theirs] of rounds) {
      measured.push({ load, agent, rounds: theirs });
      if (agent === OURS.name || agent === NONE) continue;
      compared.set(agent, [...compared.get(agent) ?? [], { load, ours, peer: theirs }]);
    }
  }
  return {
    part: "proxy",
    data: measured,
    tables: [
      ...[...compared].map(([agent, pairs]) =>
        ratioTable(`Behind the real proxy: ours against ${agent}`, pairs, RATIOS)
      ),
      figuresTable(`Behind the real proxy, ${CLIENTS} clients`, measured, FIGURES),
    ],
  };
}

/** Rounds behind one proxy, by the agent's name. */
async function runBehind(
  context: BenchContext,
  release: ProxyRelease,
  upstreamPort: number,
): Promise<ReadonlyMap<string, readonly ProxyRound[]>> {
  const { folder, module, poolSize, peer } = context;
  const speaks = RELEASES[release].protocol === 1 ? peer : undefined;
  await using agents = new AsyncDisposableStack();
  const contenders: { readonly name: string; readonly agent?: RunningAgent }[] = [];
  for (const kind of [OURS, ...speaks === undefined ? [] : [speaks], FLOOR]) {
    contenders.push({
      name: kind.name,
      agent: agents.use(await RunningAgent.start(kind, { module, poolSize }, folder)),
    });
  }
  contenders.push({ name: NONE });
  const rounds = await takeTurns(
    contenders.map(({ agent }) => async (seconds: number) => {
      await using proxy = await ProxyProcess.start(folder, {
        ...DEADLINE,
        release,
        upstreamPort,
        socket: agent?.socket,
      });
      return await runRound(proxy, agent, seconds);
    }),
    context.rounds,
    context.limits.seconds,
  );
  const without = rounds.at(-1) ?? [];
  return new Map(contenders.map(({ name }, index) => [
    name,
    (rounds[index] ?? []).map((round, turn) => ({
      ...round,
      addedUs: round.fast.p50 - (without[turn]?.fast.p50 ?? NaN),
    })),
  ]));
}

async function runRound(
  proxy: ProxyProcess,
  agent: RunningAgent | undefined,
  seconds: number,
): Promise<Omit<ProxyRound, "addedUs">> {
  const logged = agent?.log.counts ?? {};
  const spent = () => [agent === undefined ? NaN : cpuNanoseconds(agent.pid), cpuNanoseconds(proxy.pid)] as const;
  const [agentBefore, proxyBefore] = spent();
  const { finished, trouble, ...report } = await runWrk(`${proxy.origin}/`, seconds);
  const [agentAfter, proxyAfter] = spent();
  return {
    ...report,
    cpuUs: (agentAfter - agentBefore) / 1e3 / finished,
    proxyCpuUs: (proxyAfter - proxyBefore) / 1e3 / finished,
    trouble: { ...trouble, ...countsSince(logged, agent?.log.counts ?? {}) },
  };
}
