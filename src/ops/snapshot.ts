/**
 * The state of an event loop and its pools, which can be read at any time. It is not reported call by call.
 *
 * @module
 */

import type { Figure } from "./figures.ts";
import type { Place } from "./observer.ts";

/** Where an agent is in its life: it takes connections only while it serves. */
export type LifeStage = "starting" | "serving" | "draining";

/** One event loop, as it was when it was asked. */
export interface LaneReport {
  /** What it has counted. */
  readonly figures: readonly Figure[];
  /** Its pools, one for each module. */
  readonly pools: readonly PoolSnapshot[];
}

/** One pool: the instances that one event loop has of a module. */
export interface PoolSnapshot {
  /** The module's name. */
  readonly module: string;
  /** Those on the event loop first. */
  readonly slots: readonly SlotSnapshot[];
  /** Calls that wait for an instance on the event loop, and for a thread. */
  readonly waiting: Readonly<Record<Place, number>>;
  /** Most calls that may wait, of each kind. */
  readonly queueSize: number;
  /** True while long calls of the module run in threads. */
  readonly inThreads: boolean;
  /** Most memory that an instance may have, in bytes. */
  readonly maxMemoryBytes: number;
}

/** What a slot does: the event loop's own calls are over before anybody can look, so those slots are never seen at work. */
export type SlotState = "idle" | "working" | "resting" | "renewing";

/** One slot and the instance in it. */
export interface SlotSnapshot {
  /** Where it is. */
  readonly place: Place;
  /** What it does now. */
  readonly state: SlotState;
  /** The phase of the call that is under way, and for how long it has been, in milliseconds. */
  readonly work?: { readonly phase: string; readonly forMs: number };
  /** Calls that the instance has ended. */
  readonly calls: number;
  /** Memory that the instance has. */
  readonly memoryBytes: number;
  /** How long the instance has been there. */
  readonly ageMs: number;
}
