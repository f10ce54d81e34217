/**
 * Where an instance runs.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";
import type { GuestCall, GuestModule } from "../guest/mod.ts";
import type { WornBy } from "../ops/mod.ts";
import type { Phase } from "../phase.ts";
import { lastNow } from "../time.ts";

/**
 * Makes something of a result. The bytes are valid only until it returns.
 *
 * @param checked True if the bytes are what the {@linkcode Check} of the thread where the call ran has made of the result. They are
 * quick to take then, and nothing can be wrong with them.
 */
export type Take<T> = (result: Uint8Array, checked?: true) => T;

/**
 * Looks at a result in the thread where its call ran, within the call's time. What it makes of the result goes to the event loop.
 *
 * @throws {GuestError} if the result is not fit; the call has failed then.
 */
export type Check = (result: Uint8Array, module: GuestModule) => Uint8Array;

/** One instance, on this thread or another; one call at a time. */
export interface Slot {
  /** Why the instance is due for renewal: it has served its share, or is lost with its thread; undefined while it is not. */
  readonly worn: WornBy | ErrorCode | undefined;
  /** What the instance has served. */
  readonly wear: Wear;
  /** The call that is under way in another thread, and since when, on `performance.now()`. */
  readonly work?: { readonly phase: Phase; readonly since: number };
  /**
   * Makes a call that must end by `until` and hands the result to `take`, for which alone the bytes hold.
   *
   * @throws {GuestError} After this, and after `take` has thrown, the instance must be renewed.
   */
  call<T>(call: GuestCall, take: Take<T>, until?: number): T | Promise<T>;
  /** Puts a new instance in the place of the old one. @throws {GuestError} if that does not start. */
  renew(): Promise<void>;
  /** Lets go of the instance for good. */
  close(): void;
}

/** How much of the room between its first memory and its cap an instance may fill before it is due for renewal. */
const HIGH_WATER = 0.5;

/** Tells when an instance is due for renewal. */
export class Wear {
  readonly #maxCalls: number;
  readonly #highWaterBytes: number;
  #calls = 0;
  #memoryBytes: number;
  /** When the instance was made, on `performance.now()`. */
  readonly since: number = lastNow();

  /**
   * Counts from the instance's start.
   *
   * @param maxCalls 0 for any number.
   */
  constructor(maxCalls: number, firstBytes: number, capBytes: number) {
    this.#maxCalls = maxCalls;
    this.#memoryBytes = firstBytes;
    this.#highWaterBytes = firstBytes + (capBytes - firstBytes) * HIGH_WATER;
  }

  /** Counts a call after which the guest has `memoryBytes` of memory. */
  observe(memoryBytes: number): void {
    this.#calls++;
    this.#memoryBytes = memoryBytes;
  }

  /** Calls that the instance has ended. */
  get calls(): number {
    return this.#calls;
  }

  /** Memory that it had after the last of them, in bytes. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** What is used up, once something is. */
  get due(): WornBy | undefined {
    if (this.#maxCalls > 0 && this.#calls >= this.#maxCalls) return "calls";
    return this.#memoryBytes > this.#highWaterBytes ? "memory" : undefined;
  }
}
