/**
 * Slots taken and given back one at a time; one whose instance is finished comes back with another.
 *
 * @module
 */

import type { Slot } from "./slot.ts";
import { type AcquireOptions, Semaphore } from "./semaphore.ts";
import { sleep } from "../sleep.ts";

/** What becomes of slots. */
export interface SlotEvents {
  /** Told when an instance or thread does not start; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** Told when a slot has a new instance in the place of one that is finished. */
  readonly onRenewed: () => void;
}

/** What slots are made of. */
export interface SlotSetOptions<H extends Slot> extends SlotEvents {
  /** Most calls that wait for a slot. */
  readonly queueSize: number;
  /** A slot with a new instance, to take the place of one whose instance is finished; undefined if there is to be none. */
  readonly renew: (slot: H) => Promise<H | undefined>;
  /** For tests: waits between two tries, in milliseconds. */
  readonly pause?: (ms: number) => Promise<void>;
}

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 5_000;

/** Slots of one kind. */
export class SlotSet<H extends Slot> {
  readonly #options: SlotSetOptions<H>;
  readonly #semaphore: Semaphore;
  readonly #slots = new Set<H>();
  /** Slots whose permit nobody holds. */
  readonly #idle: H[] = [];
  /** Slots that are kept; those above are let go of. */
  #kept = Infinity;
  #closed = false;

  /** Has no slot before {@linkcode SlotSet.add}. */
  constructor(options: SlotSetOptions<H>) {
    this.#options = options;
    this.#semaphore = new Semaphore(0, options.queueSize);
  }

  /** All slots, those at work and those being renewed included. */
  get slots(): ReadonlySet<H> {
    return this.#slots;
  }

  /** Slots that are idle while nobody waits for them. */
  get free(): number {
    return this.#semaphore.free;
  }

  /** Calls that wait for a slot. */
  get waiting(): number {
    return this.#semaphore.waiting;
  }

  /** One more slot, which serves from now on. */
  add(slot: H): void {
    this.#slots.add(slot);
    this.give(slot);
  }

  /** A slot, if one is idle and nobody waits. */
  tryTake(): H | undefined {
    return this.#semaphore.tryAcquire() ? this.#takeIdle() : undefined;
  }

  /** A slot, after all who asked before. @throws {PoolError} as {@linkcode Semaphore.acquire} does. */
  async take(options: AcquireOptions): Promise<H> {
    await this.#semaphore.acquire(options);
    return this.#takeIdle();
  }

  /** Gives a slot back. */
  give(slot: H): void {
    if (this.#closed) slot.close();
    else if (this.#slots.size > this.#kept && this.#semaphore.waiting === 0) return this.#remove(slot);
    this.#idle.push(slot);
    this.#semaphore.release();
  }

  /** Gives a slot back with a new instance, tried again and again until one starts. */
  async renew(slot: H): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !this.#closed; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        const renewed = await this.#options.renew(slot);
        if (renewed === undefined) return this.#remove(slot);
        this.#slots.delete(slot);
        this.add(renewed);
        return this.#options.onRenewed();
      } catch (error) {
        if (this.#closed) break;
        this.#options.onTrouble(error);
        await (this.#options.pause ?? sleep)(retryMs);
      }
    }
    this.give(slot);
  }

  /** Gives a slot a new instance out of turn, if it is idle: its own is lost. */
  replaceIdle(slot: H): void {
    const at = this.#idle.indexOf(slot);
    if (at < 0 || !this.#semaphore.tryAcquire()) return;
    this.#idle.splice(at, 1);
    this.renew(slot);
  }

  /** Keeps the slots that are idle now out of service until then. */
  async rest(until: Promise<unknown>): Promise<void> {
    const resting: H[] = [];
    for (let slot = this.tryTake(); slot !== undefined; slot = this.tryTake()) resting.push(slot);
    await until;
    for (const slot of resting) this.give(slot);
  }

  /** Keeps so many slots from now on, and lets go of others: of those at work when they are given back and nobody waits for them. */
  keep(count: number): void {
    this.#kept = count;
    while (this.#slots.size > count) {
      const slot = this.tryTake();
      if (slot === undefined) return;
      this.#remove(slot);
    }
  }

  /** Ends all slots. */
  close(): void {
    this.#closed = true;
    for (const slot of this.#slots) slot.close();
  }

  #takeIdle(): H {
    const slot = this.#idle.pop();
    if (slot === undefined) {
      throw new TypeError("Cannot take slot as a permit must stand for an idle one: received none");
    }
    return slot;
  }

  #remove(slot: H): void {
    this.#slots.delete(slot);
    slot.close();
  }
}
