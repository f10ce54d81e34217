/**
 * Slots that are taken one at a time, each under a lease. A slot whose instance is finished comes back with another one.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";
import type { WornBy } from "../ops/mod.ts";
import { type GiveBack, Lease } from "./lease.ts";
import type { Slot } from "./slot.ts";
import { type AcquireOptions, Semaphore } from "./semaphore.ts";
import { sleep } from "../sleep.ts";

/** What becomes of slots. */
export interface SlotEvents {
  /** Called when an instance or thread does not start. It is tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** Called when a slot has a new instance in the place of one that is finished. */
  readonly onRenewed: () => void;
  /** Called when an instance serves no more, and why. */
  readonly onEnded: (why: WornBy | ErrorCode) => void;
}

/** What slots are made of. */
export interface SlotSetOptions<S extends Slot> extends SlotEvents {
  /** Most calls that wait for a slot. */
  readonly queueSize: number;
  /** A slot with a new instance, to take the place of one whose instance is finished; undefined if there is to be none. */
  readonly renew: (slot: S) => Promise<S | undefined>;
  /** For tests: waits between two tries, in milliseconds. */
  readonly pause?: (ms: number) => Promise<void>;
}

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 5_000;

/** Slots of one kind. */
export class SlotSet<S extends Slot> {
  readonly #options: SlotSetOptions<S>;
  readonly #semaphore: Semaphore;
  readonly #slots = new Set<S>();
  /** Slots that nobody has. The semaphore has a permit for each of them that is not promised to a waiter. */
  readonly #idle: Lease<S>[] = [];
  readonly #renewing = new Set<S>();
  /** Slots that are kept; those above are let go of. */
  #kept = Infinity;
  #closed = false;

  /** Has no slot before {@linkcode SlotSet.add}. */
  constructor(options: SlotSetOptions<S>) {
    this.#options = options;
    this.#semaphore = new Semaphore(0, options.queueSize);
  }

  /** All slots, those at work and those being renewed included. */
  get slots(): ReadonlySet<S> {
    return this.#slots;
  }

  /** Whether somebody has the slot, or it is about to get a new instance. */
  stateOf(slot: S): "idle" | "taken" | "renewing" {
    if (this.#renewing.has(slot)) return "renewing";
    return this.#idle.some((lease) => lease.slot === slot) ? "idle" : "taken";
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
  add(slot: S): void {
    this.#slots.add(slot);
    this.#give(new Lease(slot, this.#takeBack));
  }

  /** A slot, if one is idle and nobody waits. */
  tryTake(): Lease<S> | undefined {
    return this.#semaphore.tryAcquire() ? this.#takeIdle() : undefined;
  }

  /** A slot, after all who asked before. @throws {PoolError} as {@linkcode Semaphore.acquire} does. */
  async take(options: AcquireOptions): Promise<Lease<S>> {
    await this.#semaphore.acquire(options);
    return this.#takeIdle();
  }

  /** Gives a slot a new instance out of turn, if it is idle: its own is lost. */
  replaceIdle(slot: S): void {
    const at = this.#idle.findIndex((lease) => lease.slot === slot);
    if (at < 0 || !this.#semaphore.tryAcquire()) return;
    for (const lease of this.#idle.splice(at, 1)) this.#finish(lease, slot.worn ?? "GUEST_THREAD_DIED");
  }

  /** Keeps all slots that are idle now out of service until `until` settles. */
  async rest(until: Promise<unknown>): Promise<void> {
    using resting = new DisposableStack();
    for (let lease = this.tryTake(); lease !== undefined; lease = this.tryTake()) resting.use(lease);
    await until;
  }

  /** Keeps so many slots from now on, and lets go of others: of those at work when they are given back and nobody waits for them. */
  keep(count: number): void {
    this.#kept = count;
    while (this.#slots.size > count) {
      const lease = this.tryTake();
      if (lease === undefined) return;
      this.#remove(lease.slot);
    }
  }

  /** Ends all slots. */
  close(): void {
    this.#closed = true;
    for (const slot of this.#slots) slot.close();
  }

  readonly #takeBack: GiveBack<S> = (lease, finishedBy) => {
    if (finishedBy === undefined) this.#give(lease);
    else this.#finish(lease, finishedBy);
  };

  #finish(lease: Lease<S>, by: WornBy | ErrorCode): void {
    this.#options.onEnded(by);
    this.#renewing.add(lease.slot);
    this.#renew(lease).finally(() => this.#renewing.delete(lease.slot));
  }

  #give(lease: Lease<S>): void {
    if (this.#closed) lease.slot.close();
    else if (this.#slots.size > this.#kept && this.#semaphore.waiting === 0) return this.#remove(lease.slot);
    this.#idle.push(lease);
    this.#semaphore.release();
  }

  /** Gives a slot back with a new instance, which is tried again and again until one starts. */
  async #renew(lease: Lease<S>): Promise<void> {
    const { slot } = lease;
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
    this.#give(lease);
  }

  #takeIdle(): Lease<S> {
    const lease = this.#idle.pop();
    if (lease === undefined) {
      throw new TypeError("Cannot take slot as a permit must stand for an idle one: received none");
    }
    return lease.begin();
  }

  #remove(slot: S): void {
    this.#slots.delete(slot);
    slot.close();
  }
}
