/**
 * From the start of the program to its first answer.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import type { PartResult } from "../report.ts";
import { rssMib } from "../process.ts";
import { spreadOf } from "../stats.ts";
import { formatNumber } from "../table.ts";

const STARTS = 10;
const QUICK_STARTS = 2;

/** Starts each agent again and again, taking turns; a first start fills the caches. */
export async function benchStartup(context: BenchContext): Promise<PartResult> {
  context.say("start-up");
  const kinds = [OURS, ...(context.peer === undefined ? [] : [context.peer])];
  const setup = { module: context.module, poolSize: context.poolSize };
  const starts = kinds.map((kind) => ({ agent: kind.name, startMs: new Array<number>(), rssMib: new Array<number>() }));
  for (let turn = 0; turn <= (context.quick ? QUICK_STARTS : STARTS); turn++) {
    for (const [index, kind] of kinds.entries()) {
      await using agent = await RunningAgent.start(kind, setup, context.folder);
      if (turn === 0) continue;
      starts[index]?.startMs.push(agent.startMs);
      starts[index]?.rssMib.push(rssMib(agent.pid));
    }
  }
  return {
    part: "startup",
    data: starts,
    tables: [{
      title: `Start-up, pool of ${context.poolSize}`,
      head: ["agent", "to the first answer, ms: median", "min", "max", "RSS then, MiB"],
      rows: starts.map(({ agent, startMs, rssMib }) => {
        const { min, median, max } = spreadOf(startMs);
        return [agent, ...[median, min, max, spreadOf(rssMib).median].map(formatNumber)];
      }),
    }],
  };
}
