/**
 * A given number of requests a second, far fewer than could be answered: caches are cold and threads asleep when one comes.
 *
 * @module
 */

import { type AgentKind, FLOOR, OURS, RunningAgent } from "../agents.ts";
import { type BenchContext, limitsOf } from "../context.ts";
import { PACED_LOADS, PACED_V2_LOADS } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, METRICS, ratioTable } from "../results.ts";
import { alternate, type Contender } from "../rounds.ts";

/** Ours, the floor and the peer, taking turns; v2 against our own v1. */
export async function benchPaced(context: BenchContext): Promise<PartResult> {
  const setup = { module: context.module, poolSize: context.poolSize };
  const others = [FLOOR, ...(context.peer === undefined ? [] : [context.peer])];
  await using agents = new AsyncDisposableStack();
  const start = async (kind: AgentKind) => agents.use(await RunningAgent.start(kind, setup, context.folder));
  const ours = await start(OURS);
  const running = await Promise.all(others.map(start));
  const measured: Measured[] = [];
  const compared = new Map<string, Compared[]>();
  const versions: Compared[] = [];
  for (const [index, load] of PACED_LOADS.entries()) {
    context.say(`paced, ${load.name}`);
    const second = PACED_V2_LOADS[index] ?? load;
    const contenders: readonly Contender[] = [
      ...[ours, ...running].map((agent) => ({ agent, load })),
      { agent: ours, load: second },
    ];
    const rounds = await alternate(context.loadgen, contenders, context.rounds, limitsOf(load, context));
    const [own = []] = rounds;
    measured.push({ load: load.name, agent: OURS.name, rounds: own });
    for (const [other, { name }] of others.entries()) {
      const theirs = rounds[other + 1] ?? [];
      measured.push({ load: load.name, agent: name, rounds: theirs });
      compared.set(name, [...compared.get(name) ?? [], { load: load.name, ours: own, peer: theirs }]);
    }
    const overV2 = rounds.at(-1) ?? [];
    measured.push({ load: second.name, agent: OURS.name, rounds: overV2 });
    versions.push({ load: load.name, ours: overV2, peer: own });
  }
  const metrics = METRICS.filter(({ name }) => name !== "requests/s").toSpliced(2, 0, {
    name: "p90 us",
    of: (round) => round.fast.p90,
  });
  return {
    part: "paced",
    data: measured,
    tables: [
      ...[...compared].map(([name, pairs]) => ratioTable(`Ours against ${name}, at a given rate`, pairs, metrics)),
      ratioTable("Ours: v2 against v1, at a given rate", versions, metrics),
      figuresTable("At a given rate", measured),
    ],
  };
}
