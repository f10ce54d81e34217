/**
 * `check`: what the agent would say of a module.
 *
 * @module
 */

import { configurationSource } from "../../config/mod.ts";
import { type Command, row } from "../command.ts";
import type { Options } from "../options.ts";
import { fileRequest, MODULE_OPTIONS } from "../trial_config.ts";

/** Its options, by flag. */
export const CHECK_OPTIONS = {
  "module": { type: "list", positional: true, unless: "config", completes: "files", help: "Wasm module files (.wasm)" },
  "config": {
    ...MODULE_OPTIONS.config,
    env: undefined,
    help: "Their configuration as with invoke; without modules, the agent's configuration file to check",
  },
  "json": { type: "boolean", default: false, help: "Print a JSON object a line for each module" },
  "timeout-ms": MODULE_OPTIONS["timeout-ms"],
  "start-timeout-ms": MODULE_OPTIONS["start-timeout-ms"],
  "max-memory": MODULE_OPTIONS["max-memory"],
  "max-table-entries": MODULE_OPTIONS["max-table-entries"],
  "allow-gc": MODULE_OPTIONS["allow-gc"],
} as const satisfies Options;

/** Tells whether modules would run. */
export const CHECK: Command = row({
  summary: "tells whether modules would run, why not, and all that is to be known of them",
  about: [
    "Each module is read, checked, rewritten, compiled and started as the agent does it, and ended again: no request is sent. " +
    "Of one module everything is shown, of several a line each, and why they would not run.",
    "With --config and no module, the agent's configuration file is checked, each mistake told with line and column, and then each " +
    "module that it names.",
  ],
  options: CHECK_OPTIONS,
  examples: [
    { words: "check policy.wasm", does: "Show all that is to be known of a module." },
    { words: "check build/*.wasm", does: "Look which of several would run." },
    { words: "check --config agent.toml", does: "Look at a configuration file, and at all modules that it names." },
    { words: "check policy.wasm --json", does: "The same for a program." },
  ],
  exit: { 0: "all would run", 1: "one would not run, or the configuration file has mistakes", 2: "bad usage" },
  files({ module, config }) {
    const told = configurationSource(config);
    return { read: [...module, ..."path" in told ? [told.path] : []] };
  },
  configured: ({ options }) => options.module.length > 0 ? undefined : fileRequest(options.config),
  run: async (asked) => await (await import("../commands/check.ts")).check(asked),
});
