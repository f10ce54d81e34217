/**
 * What becomes of quick requests when two of a hundred are slow.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import { type BenchContext, limitsOf } from "../context.ts";
import { SLOW_LOADS } from "../loads.ts";
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

/** Runs the loads with slow requests. */
export async function benchSlow(context: BenchContext): Promise<PartResult> {
  const { peer: kind, limits } = context;
  const module = await buildSlowGuest(context.folder);
  const setup = { module, poolSize: context.poolSize, timeoutMs: TIMEOUT_MS };
  await using ours = await RunningAgent.start(OURS, setup, context.folder);
  await using peer = kind && await RunningAgent.start(kind, setup, context.folder);
  const agents = peer === undefined ? [ours] : [ours, peer];
  const measured: Measured[] = [];
  const compared: Compared[] = [];
  for (const load of SLOW_LOADS) {
    context.say(load.name);
    const contenders = agents.map((agent) => ({ agent, load }));
    const ends = load.rate === undefined ? { ...limits, warmUp: limits.warmUp / 10 } : limitsOf(load, context);
    const [own = [], other] = await alternate(context.loadgen, contenders, context.rounds, ends);
    measured.push({ load: load.name, agent: OURS.name, rounds: own });
    if (kind === undefined || other === undefined) continue;
    measured.push({ load: load.name, agent: kind.name, rounds: other });
    compared.push({ load: load.name, ours: own, peer: other });
  }
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
