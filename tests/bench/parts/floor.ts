/**
 * What of a request's cost is Deno's and the system's, and not ours: against a server that answers all alike.
 *
 * @module
 */

import { FLOOR, OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { V1_LOADS } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, ratioTable } from "../results.ts";
import { alternate } from "../rounds.ts";

/** Runs the v1 loads, taking turns. */
export async function benchFloor(context: BenchContext): Promise<PartResult> {
  const setup = { module: context.module, poolSize: context.poolSize };
  await using ours = await RunningAgent.start(OURS, setup, context.folder);
  await using floor = await RunningAgent.start(FLOOR, setup, context.folder);
  const measured: Measured[] = [];
  const compared: Compared[] = [];
  for (const load of V1_LOADS) {
    context.say(`floor, ${load.name}`);
    const contenders = [{ agent: ours, load }, { agent: floor, load }];
    const [own = [], least = []] = await alternate(context.loadgen, contenders, context.rounds, context.limits);
    compared.push({ load: load.name, ours: own, peer: least });
    measured.push({ load: load.name, agent: OURS.name, rounds: own });
    measured.push({ load: load.name, agent: FLOOR.name, rounds: least });
  }
  return {
    part: "floor",
    data: { measured, compared },
    tables: [
      ratioTable("Ours against a server on Deno that answers all alike", compared),
      figuresTable("Floor", measured),
    ],
  };
}
