/**
 * An instance on the event loop's own thread: the quickest way for the usual module, whose calls take microseconds.
 *
 * @module
 */

import { GuestError } from "../errors.ts";
import {
  type CallGuard,
  Guest,
  type GuestAbi,
  type GuestCall,
  type GuestEars,
  type GuestModule,
} from "../guest/mod.ts";
import type { WornBy } from "../ops/mod.ts";
import { sleep } from "../sleep.ts";
import { now } from "../time.ts";
import { noteWork } from "../turn.ts";
import { noteDropped } from "./collect.ts";
import { type Slot, type Take, Wear } from "./slot.ts";

/** A {@linkcode Slot} whose calls are synchronous. */
export class LocalSlot implements Slot {
  readonly #module: GuestModule;
  readonly #guard: CallGuard;
  readonly #ears: GuestEars;
  readonly #abis: readonly GuestAbi[] | undefined;
  #guest: Guest | undefined;
  #closed = false;
  #wear: Wear;

  /**
   * Starts an instance, in `startMs` milliseconds at most, or in the module's own limit if that is not given.
   *
   * @throws {GuestError} if it does not start.
   */
  constructor(module: GuestModule, guard: CallGuard, ears: GuestEars, abis?: readonly GuestAbi[], startMs?: number) {
    this.#module = module;
    this.#guard = guard;
    this.#ears = ears;
    this.#abis = abis;
    this.#guest = this.#started(startMs);
    this.#wear = this.#newWear(this.#guest);
  }

  get worn(): WornBy | undefined {
    return this.#wear.due;
  }

  /** Memory of its instance in bytes; undefined while there is none. */
  get memoryBytes(): number | undefined {
    return this.#guest?.memoryBytes;
  }

  get wear(): Wear {
    return this.#wear;
  }

  call<T>(call: GuestCall, take: Take<T>, until = call.deadline, latest = until): T {
    const guest = this.#guest;
    if (guest === undefined) {
      throw new GuestError("GUEST_NOT_STARTED", "Cannot call guest as an instance must be there: received none");
    }
    const value = guest.call(call, take, until, latest);
    this.#wear.observe(guest.memoryBytes);
    return value;
  }

  /** Puts a new instance in the place of the old one. It may take as long as a call, because nobody is answered meanwhile. */
  async renew(): Promise<void> {
    // The old instance is dropped first, so that its memory can be freed before the new one takes its own.
    const droppedBytes = this.#guest?.memoryBytes ?? 0;
    this.#guest = undefined;
    await sleep(0);
    const startedAt = now();
    noteDropped(droppedBytes);
    // Once the pool is closed, the watchdog may be gone, and nothing could end a start function that begins now.
    if (this.#closed) return;
    try {
      this.#guest = this.#started(this.#module.limits.timeoutMs);
    } finally {
      now();
      noteWork(startedAt);
    }
    this.#wear = this.#newWear(this.#guest);
  }

  /** Lets go of the instance for good. */
  close(): void {
    this.#closed = true;
    const droppedBytes = this.#guest?.memoryBytes ?? 0;
    this.#guest = undefined;
    noteDropped(droppedBytes);
  }

  #started(startMs?: number): Guest {
    try {
      return new Guest(this.#module, { ...this.#ears, guard: this.#guard, abis: this.#abis, startMs });
    } catch (error) {
      // How much memory it had taken is not known any more, so the cap is counted.
      noteDropped(this.#module.limits.maxMemoryMiB * 1024 * 1024);
      throw error;
    }
  }

  #newWear(guest: Guest): Wear {
    const { maxRequestsPerInstance, maxMemoryMiB } = this.#module.limits;
    return new Wear(maxRequestsPerInstance, guest.memoryBytes, maxMemoryMiB * 1024 * 1024);
  }
}
