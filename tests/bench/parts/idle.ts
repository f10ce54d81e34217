/**
 * The first request after a while in which nothing has happened.
 *
 * @module
 */

import { FLOOR, OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { runLoad } from "../loadgen.ts";
import type { PartResult } from "../report.ts";
import { formatSpread } from "../results.ts";
import { spreadOf } from "../stats.ts";

const IDLE_MS = 10_000, QUICK_IDLE_MS = 500;
const LOAD = { name: "one request", protocol: 1, connections: 1 } as const;

/** All agents idle together; then each is asked once, over a new connection. */
export async function benchIdle(context: BenchContext): Promise<PartResult> {
  const setup = { module: context.module, poolSize: context.poolSize };
  const kinds = [OURS, FLOOR, ...(context.peer === undefined ? [] : [context.peer])];
  await using agents = new AsyncDisposableStack();
  const found = await Promise.all(kinds.map(async (kind) => {
    const { socket } = agents.use(await RunningAgent.start(kind, setup, context.folder));
    await runLoad(context.loadgen, socket, LOAD, { ...context.limits, requests: 1000 });
    return { name: kind.name, socket, tookUs: new Array<number>() };
  }));
  context.say("idle");
  for (let round = 0; round < context.rounds; round++) {
    await new Promise((resolve) => setTimeout(resolve, context.quick ? QUICK_IDLE_MS : IDLE_MS));
    for (const { socket, tookUs } of round % 2 === 0 ? found : found.toReversed()) {
      const { fast } = await runLoad(context.loadgen, socket, LOAD, { requests: 1, seconds: 5, warmUp: 0 });
      tookUs.push(fast.max);
    }
  }
  return {
    part: "idle",
    data: found,
    tables: [{
      title: `The first request after ${IDLE_MS / 1000} s of nothing`,
      head: ["agent", "us"],
      rows: found.map(({ name, tookUs }) => [name, formatSpread(spreadOf(tookUs))]),
      note: `Median (min..max) of ${context.rounds}, each on a new connection.`,
    }],
  };
}
