/**
 * What a second event loop brings.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import type { Load } from "../loadgen.ts";
import { V1_LOADS, V2_LOAD } from "../loads.ts";
import { rssMib } from "../process.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, ratioTable } from "../results.ts";
import { alternate } from "../rounds.ts";
import { formatNumber } from "../table.ts";

const LANES = 2;
const LOADS: readonly Load[] = [...V1_LOADS, V2_LOAD, {
  ...V2_LOAD,
  name: "v2, 8 connections of 8 requests",
  connections: 8,
}];

/** Every load on two lanes and on one, taking turns. */
export async function benchLanes(context: BenchContext): Promise<PartResult> {
  const setup = { module: context.module, poolSize: context.poolSize };
  await using one = await RunningAgent.start(OURS, setup, context.folder);
  await using two = await RunningAgent.start(OURS, { ...setup, lanes: LANES }, context.folder);
  const measured: Measured[] = [];
  const compared: Compared[] = [];
  for (const load of LOADS) {
    context.say(`lanes, ${load.name}`);
    const contenders = [{ agent: two, load }, { agent: one, load }];
    const [ours = [], peer = []] = await alternate(context.loadgen, contenders, context.rounds, context.limits);
    compared.push({ load: load.name, ours, peer });
    measured.push(
      { load: load.name, agent: `${LANES} lanes`, rounds: ours },
      { load: load.name, agent: "1 lane", rounds: peer },
    );
  }
  const [mibOfOne, mibOfTwo] = [one, two].map(({ pid }) => formatNumber(rssMib(pid)));
  const figures = figuresTable("Lanes", measured);
  return {
    part: "lanes",
    data: { measured, compared },
    tables: [
      ratioTable(`Ours: ${LANES} lanes against one`, compared),
      { ...figures, note: `${figures.note} Resident then: ${mibOfTwo} MiB with ${LANES} lanes, ${mibOfOne} with one.` },
    ],
  };
}
