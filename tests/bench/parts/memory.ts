/**
 * Memory after many requests.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { runLoad } from "../loadgen.ts";
import { V1_LOADS } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { rssMib } from "../process.ts";
import { formatNumber } from "../table.ts";

const POOL_SIZES = [1, 4];
const MARKS = [100_000, 1_000_000];
const QUICK_MARKS = [2_000, 10_000];
const PATIENCE_S = 600;

/** Resident memory of each agent at its start and after each mark. */
export async function benchMemory(context: BenchContext): Promise<PartResult> {
  const marks = context.quick ? QUICK_MARKS : MARKS;
  const [, load] = V1_LOADS;
  const found = [];
  for (const kind of [OURS, ...(context.peer === undefined ? [] : [context.peer])]) {
    for (const poolSize of POOL_SIZES) {
      context.say(`memory, ${kind.name}, pool of ${poolSize}`);
      await using agent = await RunningAgent.start(kind, { module: context.module, poolSize }, context.folder);
      const mib = [rssMib(agent.pid)];
      let sent = 0;
      for (const mark of marks) {
        const limits = { requests: mark - sent, seconds: PATIENCE_S, warmUp: 0 };
        sent += (await runLoad(context.loadgen, agent.socket, load, limits)).finished;
        mib.push(rssMib(agent.pid));
      }
      found.push({ agent: kind.name, poolSize, mib });
    }
  }
  return {
    part: "memory",
    data: { marks: [0, ...marks], found },
    tables: [{
      title: `Resident memory in MiB, ${load.name}`,
      head: ["agent", "pool", "at start", ...marks.map((mark) => `after ${formatNumber(mark)} requests`)],
      rows: found.map(({ agent, poolSize, mib }) => [agent, String(poolSize), ...mib.map((size) => size.toFixed(0))]),
    }],
  };
}
