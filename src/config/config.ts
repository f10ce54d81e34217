/**
 * What is to be run, however it was asked for. Plain values: they may be sent to a thread.
 *
 * @module
 */

import type { FailMode, MatchRules } from "../agent/mod.ts";
import type { HeadPhase } from "../phase.ts";
import type { AdminAddress } from "./admin_address.ts";
import type { RecordConfig } from "./record.ts";
import type { ModuleLimits } from "../guest/mod.ts";

/** A whole agent. */
export interface AgentConfig {
  /** Where proxies connect. */
  readonly socket: SocketConfig;
  /** Event loops that serve the socket, each with a pool of its own for each module; at least one. */
  readonly lanes: number;
  /** Asked in this order; at least one, and no two of one name. */
  readonly modules: readonly [ModuleConfig, ...ModuleConfig[]];
  /** For all modules together, from an event's arrival, in milliseconds. */
  readonly timeoutMs: number;
  /** True to reload when a file has changed. */
  readonly watch: boolean;
  /** The file that says this; none if options alone do. */
  readonly file?: string;
  /** What an operator should know of what was asked for. */
  readonly notes?: readonly string[];
  /** What is told of all this. */
  readonly log: LogConfig;
  /** Where it can be asked how it does; nowhere if not given. */
  readonly admin?: AdminConfig;
  /** True if it gives up all grants that only a reload takes: nothing is reloaded. */
  readonly lockIn: boolean;
  /** Where events are recorded; nowhere if not given. */
  readonly record?: RecordConfig;
}

/** The admin endpoint. */
export interface AdminConfig {
  /** Where it listens. */
  readonly address: AdminAddress;
  /** True if others than this machine may ask, by whatever name. */
  readonly allowRemote: boolean;
  /** Share of events in percent that may take the fail mode while the agent is ready. */
  readonly maxErrorPercent: number;
}

/** A unix socket's file. */
export interface SocketConfig {
  /** Relative paths begin at the current folder. */
  readonly path: string;
  /** File mode. */
  readonly mode: number;
  /** True to take the path from an agent that serves it, and to give it up to the next one that does so. */
  readonly takeOver: boolean;
  /** Where to tell that the socket is open: a descriptor that is open already; 0 for nowhere. */
  readonly readyFd: number;
}

/** A module and how it is run. */
export interface ModuleConfig {
  /** For messages. */
  readonly name: string;
  /** Its file. */
  readonly path: string;
  /** What the file's SHA-256 must be, in hexadecimal; any if not given. */
  readonly sha256?: string;
  /** Phases that it is asked about, of those that it handles; all of them if not given. */
  readonly phases?: readonly HeadPhase[];
  /** Requests that it is asked about; all if not given. */
  readonly match?: MatchRules;
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
