/**
 * Values of options to what they ask for.
 *
 * @module
 */

import { basename } from "@std/path";
import { parseAdminAddress } from "./admin_address.ts";
import { parseRecord } from "./record.ts";
import type { AgentConfig, ConfigurationSource, LogConfig, ModuleConfig } from "./config.ts";

/** Values of the options that say what is to be run: the compiler compares them with the command line's table. */
export type GivenOptions =
  & Readonly<Record<"socket" | "module" | "module-config", string>>
  & Readonly<Record<"admin" | "record" | "record-redact", string>>
  & Readonly<Record<"record-max-mb", number>>
  & Readonly<Record<"admin-allow-remote" | "lock-in", boolean>>
  & Readonly<Record<"ready-max-errors", number>>
  & Readonly<Record<"fail-open" | "allow-gc" | "verbose" | "watch" | "take-over", boolean>>
  & Readonly<Record<"socket-mode" | "lanes" | "pool-size" | "queue-size" | "reserve-threads", number>>
  & Readonly<Record<"timeout-ms" | "start-timeout-ms" | "max-memory" | "max-table-entries", number>>
  & Readonly<Record<"max-requests-per-instance" | "ready-fd", number>>
  & Readonly<Record<"log-format", LogConfig["format"]>>;

/** An agent with the one module that options can name. @throws {ConfigError} as {@linkcode parseAdminAddress} does. */
export function configFromOptions(options: GivenOptions): AgentConfig {
  const allowRemote = options["admin-allow-remote"];
  const address = parseAdminAddress(options.admin, allowRemote);
  return {
    socket: {
      path: options.socket,
      mode: options["socket-mode"],
      takeOver: options["take-over"],
      readyFd: options["ready-fd"],
    },
    lanes: options.lanes,
    timeoutMs: options["timeout-ms"],
    watch: options.watch,
    modules: [{
      ...moduleFromOptions(options),
      name: basename(options.module),
      path: options.module,
      configuration: configurationSource(options["module-config"]),
    }],
    log: { format: options["log-format"], verbose: options.verbose },
    lockIn: options["lock-in"],
    record: parseRecord(options.record, options["record-max-mb"], options["record-redact"]),
    admin: address && { address, allowRemote, maxErrorPercent: options["ready-max-errors"] },
  };
}

/** How a module is run, whichever it is. */
export function moduleFromOptions(options: GivenOptions): Omit<ModuleConfig, "name" | "path" | "configuration"> {
  return {
    failMode: options["fail-open"] ? "open" : "closed",
    poolSize: options["pool-size"],
    queueSize: options["queue-size"],
    reserveThreads: options["reserve-threads"],
    limits: {
      timeoutMs: options["timeout-ms"],
      startTimeoutMs: options["start-timeout-ms"],
      maxMemoryMiB: options["max-memory"],
      maxTableEntries: options["max-table-entries"],
      maxRequestsPerInstance: options["max-requests-per-instance"],
      allowGc: options["allow-gc"],
    },
  };
}

/** What `--module-config` means: JSON where it begins like an object, else the path of a file. */
export function configurationSource(text: string): ConfigurationSource {
  return text.trimStart().startsWith("{") ? { json: text } : { path: text };
}
