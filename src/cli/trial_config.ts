/**
 * The options of commands that try a module out, and the agent's configuration that they stand for.
 *
 * @module
 */

import { type AgentConfig, configFromOptions, type ConfigRequest } from "../config/mod.ts";
import { configSchema } from "./config_schema.ts";
import { OPTIONS, type Options, type ValuesOf } from "./options.ts";
import { defaultsOf } from "./parse.ts";

/** Of one module and its limits, with the names and variables that serving has. */
export const MODULE_OPTIONS = {
  "module": { ...OPTIONS.module, positional: true },
  "config": { ...OPTIONS["module-config"] },
  "timeout-ms": OPTIONS["timeout-ms"],
  "start-timeout-ms": OPTIONS["start-timeout-ms"],
  "max-memory": OPTIONS["max-memory"],
  "max-table-entries": OPTIONS["max-table-entries"],
  "max-requests-per-instance": OPTIONS["max-requests-per-instance"],
  "allow-gc": OPTIONS["allow-gc"],
  "fail-open": OPTIONS["fail-open"],
} as const satisfies Options;

const { module: _, ...SERVING } = OPTIONS;

/** An agent with one instance of the module, and what serving does where nobody says anything. */
export function trialConfig(options: ValuesOf<typeof MODULE_OPTIONS>): AgentConfig {
  return configFromOptions({
    ...defaultsOf(SERVING),
    ...options,
    "module-config": options.config,
    "pool-size": 1,
    // A thread is started once a call has been long.
    "reserve-threads": 0,
  });
}

/** A configuration file by itself, as no option says anything against it. */
export function fileRequest(path: string): Required<ConfigRequest> {
  const options = { ...defaultsOf(SERVING), module: "" };
  return { options, file: { path, said: [], schema: configSchema() } };
}
