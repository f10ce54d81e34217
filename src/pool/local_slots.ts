/**
 * The slots on the event loop: how their instances are started, at once or beside requests that are served, and how they are replaced.
 *
 * @module
 */

import { GuestError } from "../errors.ts";
import { sleep } from "../sleep.ts";
import { now } from "../time.ts";
import { noteWork } from "../turn.ts";
import type { LocalSlot } from "./local_slot.ts";
import { type SlotEvents, SlotSet } from "./slot_set.ts";

/** What local slots are made of. */
export interface LocalSlotsOptions extends SlotEvents {
  /** Rows of the watchdog's table for their calls: one for each slot. */
  readonly rows: readonly number[];
  /** Most calls that wait for a slot. */
  readonly queueSize: number;
  /** What a call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Starts an instance, in `startMs` milliseconds at most, or in the module's own limit if that is not given. */
  readonly start: (row: number, startMs?: number) => LocalSlot;
  /** Called when an instance has started, with what that took, in milliseconds, where nobody else has waited meanwhile. */
  readonly onMade: (tookMs?: number) => void;
  /** Called when a start takes longer than a call may: from then on none is started on the event loop any more. */
  readonly onSlowStart: () => void;
}

/** The pause between two starts while requests are served, in which the event loop does what waits. */
const PAUSE_MS = 2;
/** How often an instance is tried that does not start in time while requests are served. */
const MAX_START_TRIES = 3;

/** Starts instances on the event loop. */
export class LocalSlots {
  readonly #options: LocalSlotsOptions;
  #startsSlowly = false;
  /** All slots on the event loop. */
  readonly slots: SlotSet<LocalSlot>;

  /** Starts nothing yet. */
  constructor(options: LocalSlotsOptions) {
    this.#options = options;
    this.slots = new SlotSet({ ...options, renew: (slot) => this.#renew(slot) });
  }

  /** Starts all instances one after the other, and nothing else meanwhile. @throws {GuestError} if one does not start. */
  startAtOnce(): void {
    let quickestMs = Infinity;
    for (const row of this.#options.rows) quickestMs = Math.min(quickestMs, this.#start(row));
    // Each instance that takes the place of a failed one would hold up the event loop for longer than any call may.
    if (quickestMs > this.#options.timeoutMs) this.noteSlowStart();
  }

  /**
   * Starts all instances one at a time, with pauses, and none for longer than a call may take.
   *
   * @throws {GuestError} if one does not start for another reason.
   */
  async startGently(): Promise<void> {
    for (const row of this.#options.rows) {
      for (let tries = 1;; tries++) {
        await sleep(PAUSE_MS);
        const startedAt = now();
        try {
          this.#start(row, this.#options.timeoutMs);
          break;
        } catch (error) {
          if (!isOverrun(error)) throw error;
          if (tries === MAX_START_TRIES) return this.noteSlowStart();
        } finally {
          now();
          noteWork(startedAt);
        }
      }
    }
  }

  /** Says that a start takes longer than a call may. */
  noteSlowStart(): void {
    this.#startsSlowly = true;
    this.#options.onSlowStart();
  }

  /** Adds a slot; what its start took, in milliseconds. */
  #start(row: number, startMs?: number): number {
    const startedAt = now();
    const slot = this.#options.start(row, startMs);
    const tookMs = now() - startedAt;
    this.#options.onMade(tookMs);
    this.slots.add(slot);
    return tookMs;
  }

  /** A slot whose start takes longer than a call may is of no use on the event loop. */
  async #renew(slot: LocalSlot): Promise<LocalSlot | undefined> {
    if (this.#startsSlowly) return undefined;
    try {
      await slot.renew();
      this.#options.onMade();
      return slot;
    } catch (error) {
      if (!isOverrun(error)) throw error;
      this.#options.onTrouble(error);
      this.noteSlowStart();
      return undefined;
    }
  }
}

/** True if a call or a start was ended because its time was over. */
export function isOverrun(error: unknown): boolean {
  return error instanceof GuestError && error.code === "GUEST_DEADLINE";
}
