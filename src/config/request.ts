/**
 * How a configuration is asked for, so that it can be asked for again.
 *
 * @module
 */

import type { AgentConfig } from "./config.ts";
import { configFromOptions, type GivenOptions } from "./from_options.ts";

/** What the command line and the environment have said. Plain values: they may be sent to a thread. */
export interface ConfigRequest {
  /** A value for each option. */
  readonly options: GivenOptions;
}

/** What is to be run, read anew. @throws {ConfigError} */
export function readConfig({ options }: ConfigRequest): Promise<AgentConfig> {
  return Promise.resolve(configFromOptions(options));
}
