/**
 * Pool sizes against connections.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import type { PartResult } from "../report.ts";
import { troubleOf } from "../results.ts";
import { type Round, runRound } from "../rounds.ts";
import { formatNumber, type Table } from "../table.ts";

const POOL_SIZES = [1, 2, 4, 8];
const CONNECTIONS = [1, 2, 4, 8, 16, 32, 64];
const ROUND_SHARE = 0.5;

interface Cell {
  readonly poolSize: number;
  readonly connections: number;
  readonly round: Round;
}

/** One round of each pool size and number of connections, v1. */
export async function benchScaling(context: BenchContext): Promise<PartResult> {
  const limits = { ...context.limits, seconds: context.limits.seconds * ROUND_SHARE };
  const results = [];
  for (const kind of [OURS, ...(context.peer === undefined ? [] : [context.peer])]) {
    const cells: Cell[] = [];
    for (const poolSize of POOL_SIZES) {
      context.say(`scaling, ${kind.name}, pool of ${poolSize}`);
      await using agent = await RunningAgent.start(kind, { module: context.module, poolSize }, context.folder);
      const load = (connections: number) => ({ name: "scaling", protocol: 1, connections }) as const;
      await runRound(context.loadgen, { agent, load: load(8) }, limits);
      for (const connections of CONNECTIONS) {
        cells.push({
          poolSize,
          connections,
          round: await runRound(context.loadgen, { agent, load: load(connections) }, limits),
        });
      }
    }
    results.push({ agent: kind.name, cells });
  }
  return { part: "scaling", data: results, tables: results.map(({ agent, cells }) => scalingTable(agent, cells)) };
}

function scalingTable(agent: string, cells: readonly Cell[]): Table {
  return {
    title: `Scaling, v1, ${agent}: requests/s · p50 us · p99 us · CPU us a request`,
    head: ["connections", ...POOL_SIZES.map((size) => `pool of ${size}`)],
    rows: CONNECTIONS.map((connections) => [
      String(connections),
      ...cells.filter((cell) => cell.connections === connections).map(({ round }) => describe(round)),
    ]),
  };
}

function describe(round: Round): string {
  const figures = [round.rps, round.fast.p50, round.fast.p99, round.cpuUs].map(formatNumber).join(" · ");
  const trouble = troubleOf([round]);
  return trouble === "-" ? figures : `${figures} (${trouble})`;
}
