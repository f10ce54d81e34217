/**
 * What an option is, and the options of serving. Those of other commands stand in `rows/`. Parsing, help text, completions, grants and the
 * README's table come from them.
 *
 * @module
 */

import { NO_ADMIN } from "../config/mod.ts";

interface OptionBase {
  /** Environment variable that sets it; the flag wins. Options that belong to one run have none. */
  readonly env?: string;
  /** One line for people. */
  readonly help: string;
  /** One letter for `-x`. */
  readonly short?: string;
  /**
   * True if a word without a flag may stand for it, too: the first word for a table's first such option, and so on. One that is a list
   * takes all words that are left.
   */
  readonly positional?: true;
  /** The option that may be given in the place of this one, which must be given otherwise: its value is then empty. */
  readonly unless?: string;
  /** True if a configuration file may say it of a single module, too. */
  readonly perModule?: true;
  /** What shells offer for it, where its type does not say so. */
  readonly completes?: "commands" | "files";
}

/** An option that is a file path. Without a default it is required. */
export interface PathOption extends OptionBase {
  readonly type: "path";
  readonly default?: string;
}

/** An option that is a whole number. */
export interface IntegerOption extends OptionBase {
  readonly type: "integer";
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** An option that is a file mode in octal. */
export interface ModeOption extends OptionBase {
  readonly type: "mode";
  readonly default: number;
}

/** An option that is on or off. */
export interface BooleanOption extends OptionBase {
  readonly type: "boolean";
  readonly default: boolean;
}

/** An option that is one of a few words. Without a default it is required. */
export interface ChoiceOption extends OptionBase {
  readonly type: "choice";
  readonly choices: readonly string[];
  readonly default?: string;
}

/** An option that is any text. */
export interface TextOption extends OptionBase {
  readonly type: "text";
  readonly default: string;
}

/** An option that may be given again and again. Without a default it is required. */
export interface ListOption extends OptionBase {
  readonly type: "list";
  readonly default?: readonly string[];
}

/** Any option. */
export type Option = PathOption | IntegerOption | ModeOption | BooleanOption | ChoiceOption | TextOption | ListOption;

/** Every option of the agent, by flag. */
export const OPTIONS = {
  "socket": { type: "path", env: "AGENT_SOCKET", default: "/tmp/sentinel-wasm.sock", help: "Unix socket path" },
  "module": { type: "path", env: "WASM_MODULE", unless: "config", help: "Wasm module file (.wasm)" },
  "module-config": {
    type: "text",
    env: "WASM_MODULE_CONFIG",
    default: "{}",
    completes: "files",
    help: "The module's configuration: JSON that begins with {, or a JSON file",
  },
  "config": {
    type: "path",
    env: "AGENT_CONFIG",
    default: "",
    help: "Configuration file (.toml, .json), also for a chain of modules",
  },
  "watch": {
    type: "boolean",
    env: "WASM_WATCH",
    default: false,
    help: "Reload when a file of modules or configuration has changed",
  },
  "pool-size": {
    type: "integer",
    env: "WASM_POOL_SIZE",
    default: 4,
    min: 1,
    max: 64,
    perModule: true,
    help: "Instance pool size",
  },
  "lanes": {
    type: "integer",
    env: "AGENT_LANES",
    default: 1,
    min: 1,
    max: 64,
    help: "Event loops on the socket, each with a pool of its own",
  },
  "verbose": { type: "boolean", env: "WASM_VERBOSE", default: false, short: "v", help: "Enable debug logging" },
  "fail-open": {
    type: "boolean",
    env: "FAIL_OPEN",
    default: false,
    perModule: true,
    help: "Allow requests on module errors",
  },
  "socket-mode": { type: "mode", env: "AGENT_SOCKET_MODE", default: 0o660, help: "File mode of the socket, in octal" },
  "log-format": {
    type: "choice",
    env: "LOG_FORMAT",
    choices: ["auto", "text", "json"],
    default: "auto",
    help: "Log as text or JSON lines; auto: text on a terminal",
  },
  "timeout-ms": {
    type: "integer",
    env: "WASM_TIMEOUT_MS",
    default: 40,
    min: 1,
    max: 60_000,
    perModule: true,
    help: "Deadline of an event, in ms; keep it under the proxy's timeout-ms",
  },
  "start-timeout-ms": {
    type: "integer",
    env: "WASM_START_TIMEOUT_MS",
    default: 5_000,
    min: 1,
    max: 60_000,
    perModule: true,
    help: "Deadline of an instance's start, in ms",
  },
  "max-memory": {
    type: "integer",
    env: "WASM_MAX_MEMORY",
    default: 128,
    min: 1,
    max: 4_096,
    perModule: true,
    help: "Most memory of an instance, in MiB",
  },
  "max-table-entries": {
    type: "integer",
    env: "WASM_MAX_TABLE_ENTRIES",
    default: 200_000,
    min: 1,
    max: 10_000_000,
    perModule: true,
    help: "Most table entries of an instance",
  },
  "reserve-threads": {
    type: "integer",
    env: "WASM_RESERVE_THREADS",
    default: 1,
    min: 0,
    max: 64,
    perModule: true,
    help: "Threads kept ready for long calls, some 15 MB each",
  },
  "max-requests-per-instance": {
    type: "integer",
    env: "WASM_MAX_REQUESTS_PER_INSTANCE",
    default: 0,
    min: 0,
    max: 1_000_000_000,
    perModule: true,
    help: "Replace an instance after this many calls; 0: never",
  },
  "queue-size": {
    type: "integer",
    env: "WASM_QUEUE_SIZE",
    default: 1_024,
    min: 0,
    max: 100_000,
    perModule: true,
    help: "Most events that wait for an instance",
  },
  "admin": {
    type: "text",
    env: "AGENT_ADMIN",
    default: NO_ADMIN,
    help: "Serve metrics, health and a status page: HOST:PORT or unix:PATH",
  },
  "admin-allow-remote": {
    type: "boolean",
    env: "AGENT_ADMIN_ALLOW_REMOTE",
    default: false,
    help: "Let --admin be reached from other machines, by anybody",
  },
  "ready-max-errors": {
    type: "integer",
    env: "AGENT_READY_MAX_ERRORS",
    default: 50,
    min: 0,
    max: 100,
    help: "/readyz fails above this share of module errors, in percent",
  },
  "lock-in": {
    type: "boolean",
    env: "AGENT_LOCK_IN",
    default: false,
    help: "Once serving, read no module and no configuration any more: no reload",
  },
  "record": {
    type: "path",
    env: "AGENT_RECORD",
    default: "",
    help: "Append events and decisions to this file, for invoke --event and test",
  },
  "record-max-mb": {
    type: "integer",
    env: "AGENT_RECORD_MAX_MB",
    default: 32,
    min: 1,
    max: 100_000,
    help: "Most MiB of the recording, half of them in FILE.1",
  },
  "record-redact": {
    type: "text",
    env: "AGENT_RECORD_REDACT",
    default: "",
    help: "Hide these headers, too, and ?parameters of the query; -NAME: do not hide it",
  },
  "allow-gc": {
    type: "boolean",
    env: "WASM_ALLOW_GC",
    default: false,
    perModule: true,
    help: "Take modules that allocate GC objects, which no limit bounds",
  },
  "take-over": {
    type: "boolean",
    env: "AGENT_TAKE_OVER",
    default: false,
    help: "Take the socket's path from an agent that serves it, and give it up to the next",
  },
  "ready-fd": {
    type: "integer",
    env: "AGENT_READY_FD",
    default: 0,
    min: 0,
    max: 1_023,
    help: "Write a line to this descriptor once ready, and close it; 0: none",
  },
} as const satisfies Options;

/** Options by flag. */
export type Options = Readonly<Record<string, Option>>;

/** Type of an option's value. */
export type OptionValue<O extends Option> = O["type"] extends "integer" | "mode" ? number
  : O["type"] extends "boolean" ? boolean
  : O["type"] extends "list" ? readonly string[]
  : O extends { readonly choices: readonly (infer C)[] } ? C
  : string;

/** A value for each of some options. */
export type ValuesOf<O extends Options> = { readonly [Name in keyof O]: OptionValue<O[Name]> };

/** What stands for the default of an option that has none. */
export const REQUIRED = "(required)";

/** A default as it is written on a command line. */
export function showDefault(option: Option): string {
  if (option.type === "mode") return option.default.toString(8).padStart(4, "0");
  if (option.default === undefined) return REQUIRED;
  if (option.type === "list") return option.default.length === 0 ? "none" : option.default.join(", ");
  return option.default === "" ? "none" : String(option.default);
}
