/**
 * How a module is spoken to. An ABI stands beside the guest, in whichever thread that runs: what crosses threads is one event as
 * JSON and one answer as JSON.
 *
 * @module
 */

import type { Phase } from "../../phase.ts";
import type { ModuleInfo } from "../../wasm/mod.ts";
import type { HostContext, HostFunction, ImportTypes } from "../imports/mod.ts";
import type { Instance } from "../instance.ts";

/** An export that looks like a handler and is none: nobody will ever call it. */
export interface UnknownHandler {
  /** Escaped and cut. */
  readonly name: string;
  /** The name that its author may have meant. */
  readonly nearest: string;
}

/** How an ABI writes events, and what it reads in answers: the policy that asks has a row for each. */
export type Dialect = "agent/1" | "agent/2";

/** One contract between this host and modules. Has no state: that of an instance is in what {@linkcode GuestAbi.bind} makes. */
export interface GuestAbi {
  /** Name and version: `agent/1`. */
  readonly name: string;
  /** The JSON of its events and answers. */
  readonly dialect: Dialect;
  /** Import module to the types of what this ABI offers there, besides what all modules are offered. */
  readonly provides: ReadonlyMap<string, ImportTypes>;
  /** True for an export that this ABI has a use for; the rewrite keeps no other. */
  usesExport(name: string): boolean;
  /** True for a module that means this ABI. */
  speaks(info: ModuleInfo): boolean;
  /**
   * Phases that a module handles.
   *
   * @param name What the module is called in messages.
   * @throws {ModuleError} `MODULE_BAD_EXPORTS` for one that does not keep to the contract.
   */
  inspect(info: ModuleInfo, name: string): readonly Phase[];
  /** What the module exports in vain: worth a warning. */
  unknownHandlers(info: ModuleInfo): readonly UnknownHandler[];
  /** True for a module that is told its configuration. */
  takesConfiguration(info: ModuleInfo): boolean;
  /** The host's side of one instance that is about to be made. */
  bind(host: HostContext): BoundAbi;
}

/** An ABI at work with one instance, one call at a time. Whatever it throws ends the instance. */
export interface BoundAbi {
  /** The functions of {@linkcode GuestAbi.provides}. */
  readonly imports: ReadonlyMap<string, Readonly<Record<string, HostFunction>>>;
  /** Called once, when the instance has started: finds the exports, and tries what can be tried. */
  start(instance: Instance): void;
  /**
   * Hands an event over and returns the answer, both JSON in UTF-8. The answer's bytes hold until {@linkcode BoundAbi.release}.
   *
   * @param phase One of those that the module handles.
   * @throws {GuestError} for what the guest did wrong.
   */
  ask(phase: Phase, input: Uint8Array): Uint8Array;
  /** The answer has been read: the guest may have its memory back. */
  release(): void;
}
