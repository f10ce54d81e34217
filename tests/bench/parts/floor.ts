/**
 * What of a request's cost is Deno's and the system's, and not ours: against a server that does not look at requests.
 *
 * @module
 */

import { ECHO, OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { V1_LOADS } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, ratioTable } from "../results.ts";
import { alternate } from "../rounds.ts";

/** Runs the v1 loads, taking turns. */
export async function benchFloor(context: BenchContext): Promise<PartResult> {
  const setup = { module: context.module, poolSize: context.poolSize };
  await using ours = await RunningAgent.start(OURS, setup, context.folder);
  await using echo = await RunningAgent.start(ECHO, setup, context.folder);
  const measured: Measured[] = [];
  const compared: Compared[] = [];
  for (const load of V1_LOADS) {
    context.say(`floor, ${load.name}`);
    const contenders = [{ agent: ours, load }, { agent: echo, load }];
    const [own = [], floor = []] = await alternate(context.loadgen, contenders, context.rounds, context.limits);
    compared.push({ load: load.name, ours: own, peer: floor });
    measured.push({ load: load.name, agent: OURS.name, rounds: own });
    measured.push({ load: load.name, agent: ECHO.name, rounds: floor });
  }
  return {
    part: "floor",
    data: { measured, compared },
    tables: [
      ratioTable("Ours against a server on Deno that does not look at requests", compared),
      figuresTable("Floor", measured),
    ],
  };
}
