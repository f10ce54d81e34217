/**
 * What a chain costs: the module five times, one after the other, against the module alone.
 *
 * @module
 */

import { join, resolve } from "@std/path";
import { configuredBy } from "../../../tools/start_plan.ts";
import { type AgentSetup, OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { V1_LOADS, V2_LOAD } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, ratioTable } from "../results.ts";
import { alternate } from "../rounds.ts";

const MODULES = 5;

/** Every load on a chain and on one module, taking turns. */
export async function benchChain(context: BenchContext): Promise<PartResult> {
  const setup = { module: context.module, poolSize: context.poolSize };
  await using one = await RunningAgent.start(OURS, setup, context.folder);
  await using chain = await RunningAgent.start(OURS, { ...setup, config: await chainOf(context) }, context.folder);
  const measured: Measured[] = [];
  const compared: Compared[] = [];
  for (const load of [...V1_LOADS, V2_LOAD]) {
    context.say(`chain, ${load.name}`);
    const contenders = [{ agent: chain, load }, { agent: one, load }];
    const [ours = [], peer = []] = await alternate(context.loadgen, contenders, context.rounds, context.limits);
    compared.push({ load: load.name, ours, peer });
    measured.push(
      { load: load.name, agent: `${MODULES} modules`, rounds: ours },
      { load: load.name, agent: "1 module", rounds: peer },
    );
  }
  return {
    part: "chain",
    data: { measured, compared },
    tables: [ratioTable(`Ours: a chain of ${MODULES} modules against one`, compared), figuresTable("Chain", measured)],
  };
}

async function chainOf({ module, folder }: BenchContext): Promise<AgentSetup["config"]> {
  const path = join(folder, "chain.toml");
  const modules = Array.from(
    { length: MODULES },
    (_, index) => `[[modules]]\nname = "m${index}"\npath = ${JSON.stringify(resolve(module))}\n`,
  );
  await Deno.writeTextFile(path, modules.join("\n"));
  const says = await configuredBy(["--config", path], () => undefined);
  return says && { path, says };
}
