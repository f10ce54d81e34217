/**
 * An edition: what an agent runs between two reloads, which is its configuration and the modules that it names.
 *
 * @module
 */

import { createPassedOver } from "../agent/mod.ts";
import type { AgentConfig } from "../config/mod.ts";
import type { GuestModule } from "../guest/mod.ts";
import { loadModule } from "./module_file.ts";

/** What is run. Every field survives structured clone. */
export interface Edition {
  /** What was asked for. */
  readonly config: AgentConfig;
  /** Those of the configuration, ready to run, in its order. */
  readonly modules: readonly [GuestModule, ...GuestModule[]];
  /** The configuration, as JSON, that a proxy has sent for the modules to which the operator gives none. `modules` have it already. */
  readonly proxyConfiguration?: string;
  /** The requests for which a module has been passed over, in memory that all lanes share. Left out if no module ever is. */
  readonly passedOver?: Int32Array<SharedArrayBuffer>;
}

/** Reads all files that a configuration names. @throws {ModuleError | ConfigError} as {@linkcode loadModule} does. */
export async function loadEdition(config: AgentConfig): Promise<Edition> {
  const [first, ...others] = config.modules;
  const modules: [GuestModule, ...GuestModule[]] = [await loadModule(first)];
  for (const module of others) modules.push(await loadModule(module));
  return editionOf(config, modules);
}

/** An edition of modules that are ready already. */
export function editionOf(config: AgentConfig, modules: Edition["modules"]): Edition {
  const passesOver = config.modules.some(({ match }) => match !== undefined);
  return { config, modules, passedOver: passesOver ? createPassedOver() : undefined };
}
