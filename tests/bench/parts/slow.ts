/**
 * What becomes of quick requests when two of a hundred are slow.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { SLOW_LOAD } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, type Metric, METRICS, ratioTable } from "../results.ts";
import { alternate } from "../rounds.ts";
import { buildSlowGuest, SLOW_MS } from "../slow_guest.ts";

/** Far above what a slow request takes: the peer knows no deadline. */
const TIMEOUT_MS = 1_000;
const TAIL: Metric = { name: "p99.9 us", of: (round) => round.fast.p999 };
const SLOW: readonly Metric[] = [
  { name: "slow p50 us", of: (round) => round.slow.p50 },
  { name: "slow p99 us", of: (round) => round.slow.p99 },
];

/** Runs the load with slow requests. */
export async function benchSlow(context: BenchContext): Promise<PartResult> {
  context.say(SLOW_LOAD.name);
  const module = await buildSlowGuest(context.folder);
  const setup = { module, poolSize: context.poolSize, timeoutMs: TIMEOUT_MS };
  await using ours = await RunningAgent.start(OURS, setup, context.folder);
  await using peer = context.peer && await RunningAgent.start(context.peer, setup, context.folder);
  const agents = peer === undefined ? [ours] : [ours, peer];
  const contenders = agents.map((agent) => ({ agent, load: SLOW_LOAD }));
  const limits = { ...context.limits, warmUp: context.limits.warmUp / 10 };
  const rounds = await alternate(context.loadgen, contenders, context.rounds, limits);
  const [own = [], other = []] = rounds;
  const measured: Measured[] = rounds.map((list, index) => ({
    load: SLOW_LOAD.name,
    agent: index === 0 ? OURS.name : context.peer?.name ?? "",
    rounds: list,
  }));
  const compared: Compared[] = peer === undefined ? [] : [{ load: SLOW_LOAD.name, ours: own, peer: other }];
  const note = `A slow request takes ${SLOW_MS} ms alone; all latencies but the last two are those of the quick ones.`;
  return {
    part: "slow",
    data: { measured, compared },
    tables: [
      ...(compared.length > 0
        ? [ratioTable("Slow requests among quick ones: ours against the peer", compared, [...METRICS, TAIL, ...SLOW])]
        : []),
      { ...figuresTable("Slow requests among quick ones", measured, SLOW), note },
    ],
  };
}
