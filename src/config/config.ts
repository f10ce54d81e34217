/**
 * What is to be run, however it was asked for. Plain values: they may be sent to a thread.
 *
 * @module
 */

import type { FailMode } from "../agent/mod.ts";
import type { ModuleLimits } from "../guest/mod.ts";

/** A whole agent. */
export interface AgentConfig {
  /** Where proxies connect. */
  readonly socket: SocketConfig;
  /** Event loops that serve the socket, each with a pool of its own for each module; at least one. */
  readonly lanes: number;
  /** Today exactly one. */
  readonly modules: readonly [ModuleConfig];
  /** What is told of all this. */
  readonly log: LogConfig;
}

/** A unix socket's file. */
export interface SocketConfig {
  /** Relative paths begin at the current folder. */
  readonly path: string;
  /** File mode. */
  readonly mode: number;
}

/** A module and how it is run. */
export interface ModuleConfig {
  /** For messages. */
  readonly name: string;
  /** Its file. */
  readonly path: string;
  /** What it is told, if it asks. */
  readonly configuration: ConfigurationSource;
  /** For events that the module has failed to decide. */
  readonly failMode: FailMode;
  /** Instances on the event loop, and threads once they are needed; at least one. */
  readonly poolSize: number;
  /** Most calls that wait for an instance. */
  readonly queueSize: number;
  /** Threads that are kept ready for long calls. */
  readonly reserveThreads: number;
  /** All of them hold for each instance alone. */
  readonly limits: ModuleLimits;
}

/** Where a module's configuration is: in this text, which is to be JSON, or in a file. */
export type ConfigurationSource = { readonly json: string } | { readonly path: string };

/** Shape of the log. */
export interface LogConfig {
  /** `auto` is text on a terminal and JSON elsewhere. */
  readonly format: "auto" | "text" | "json";
  /** True to write debug lines. */
  readonly verbose: boolean;
}
