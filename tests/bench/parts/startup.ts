/**
 * From the start of the program to its first answer, and what the first requests meet before anything is warm.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import type { Load, RoundLimits } from "../loadgen.ts";
import { rssMib } from "../process.ts";
import type { PartResult } from "../report.ts";
import { formatSpread, troubleOf } from "../results.ts";
import { type Round, runRound } from "../rounds.ts";
import { spreadOf } from "../stats.ts";
import { formatNumber } from "../table.ts";

const STARTS = 10;
const QUICK_STARTS = 2;
const FIRST_LOAD: Load = { name: "first requests", protocol: 1, connections: 8 };
const FIRST_LIMITS: RoundLimits = { requests: 500, seconds: 5, warmUp: 0 };

interface Start {
  readonly startMs: number;
  readonly rssMib: number;
  readonly first: Round;
}

/** Starts each agent again and again, taking turns; a first start fills the caches. */
export async function benchStartup(context: BenchContext): Promise<PartResult> {
  context.say("start-up");
  const kinds = [OURS, ...(context.peer === undefined ? [] : [context.peer])];
  const setup = { module: context.module, poolSize: context.poolSize };
  const found = kinds.map((kind) => ({ kind, starts: new Array<Start>() }));
  for (let turn = 0; turn <= (context.quick ? QUICK_STARTS : STARTS); turn++) {
    for (const { kind, starts } of found) {
      await using agent = await RunningAgent.start(kind, setup, context.folder);
      if (turn === 0) continue;
      const { startMs } = agent;
      const mib = rssMib(agent.pid);
      const first = await runRound(context.loadgen, { agent, load: FIRST_LOAD }, FIRST_LIMITS);
      starts.push({ startMs, rssMib: mib, first });
    }
  }
  const spread = (starts: readonly Start[], of: (start: Start) => number) => spreadOf(starts.map(of));
  return {
    part: "startup",
    data: found.map(({ kind, starts }) => ({ agent: kind.name, starts })),
    tables: [{
      title: `Start-up, pool of ${context.poolSize}`,
      head: [
        "agent",
        "to the first answer, ms",
        "RSS then, MiB",
        `slowest of the next ${FIRST_LIMITS.requests}, us`,
        "trouble in them",
      ],
      rows: found.map(({ kind, starts }) => [
        kind.name,
        formatSpread(spread(starts, (start) => start.startMs)),
        formatNumber(spread(starts, (start) => start.rssMib).median),
        formatSpread(spread(starts, (start) => start.first.fast.max)),
        troubleOf(starts.map((start) => start.first)),
      ]),
      note: `Median (min..max) of ${
        found[0]?.starts.length
      } starts. The next ${FIRST_LIMITS.requests} requests come over ${FIRST_LOAD.connections} connections at once.`,
    }],
  };
}
