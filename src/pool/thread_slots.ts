/**
 * The slots in threads: a reserve that is always there, and more while calls wait for one.
 *
 * @module
 */

import { sleep, within } from "../sleep.ts";
import type { Lease } from "./lease.ts";
import type { AcquireOptions } from "./semaphore.ts";
import { type SlotEvents, SlotSet } from "./slot_set.ts";
import type { ThreadSlot } from "./thread_slot.ts";

/** What thread slots are made of. */
export interface ThreadSlotsOptions extends SlotEvents {
  /** Rows of the watchdog's table for their calls: as many as there may be threads. */
  readonly rows: readonly number[];
  /** Threads that are there whether they are wanted or not. */
  readonly reserve: number;
  /** Most calls that wait for a thread. */
  readonly queueSize: number;
  /** Called when an instance has started in a thread. */
  readonly onMade: () => void;
  /** Starts a thread, unless `giveUp` is aborted before. No two threads have the same row at a time. */
  readonly start: (row: number, giveUp: AbortSignal) => Promise<ThreadSlot>;
}

/**
 * The pause before each start of a thread. A start holds up the event loop for some 13 ms, and three times as long on a busy machine:
 * in the pause the event loop does what waits, and a thread may come free.
 */
const PAUSE_MS = 20;
const MAX_RETRY_MS = 5_000;
/** How long threads beyond the reserve are kept once they are no longer wanted. */
const LINGER_MS = 10_000;

/** Starts and ends threads as they are wanted. */
export class ThreadSlots {
  readonly #options: ThreadSlotsOptions;
  #wanted = false;
  readonly #closing = new AbortController();
  /** Calls that wait and have nowhere else to go. */
  #needing = 0;
  #starting = false;
  /** Threads that are not up yet. */
  readonly #starts = new Set<Promise<ThreadSlot>>();
  #failing = false;
  #first = Promise.withResolvers<void>();
  #lingering: ReturnType<typeof setTimeout> | undefined;
  /** All threads that there are. */
  readonly slots: SlotSet<ThreadSlot>;

  /** Starts nothing before {@linkcode ThreadSlots.start} or {@linkcode ThreadSlots.want}. */
  constructor(options: ThreadSlotsOptions) {
    this.#options = options;
    this.slots = new SlotSet({ ...options, renew: (slot) => this.#renew(slot) });
  }

  /** True while there is a thread, or one is about to come. */
  get available(): boolean {
    return this.slots.slots.size > 0 || (!this.#failing && this.#floor > 0);
  }

  /** Starts the reserve; resolves once there is a thread, or after `patienceMs`. */
  async start(patienceMs: number): Promise<void> {
    if (this.#floor === 0) return;
    this.#startMissing();
    await within(patienceMs, this.#first.promise);
  }

  /**
   * Starts one thread now, to see whether an instance starts at all; without a reserve it ends again once threads are let go of.
   * Resolves to how long its instance took to start, in milliseconds.
   *
   * @throws {GuestError | PoolError} if it does not start.
   */
  async tryOne(): Promise<number> {
    const row = this.#freeRow();
    if (row === undefined) throw new TypeError("Cannot try thread as a row must be free: received none");
    const slot = await this.#startOne(row);
    this.slots.add(slot);
    this.#first.resolve();
    if (this.#floor === 0) this.release();
    return slot.startMs;
  }

  /**
   * A thread, after all who have asked before. More threads are started while calls wait here.
   *
   * @throws {PoolError} as {@linkcode SlotSet.take} does.
   */
  async take(options: AcquireOptions): Promise<Lease<ThreadSlot>> {
    this.#needing++;
    this.#startMissing();
    try {
      return await this.slots.take(options);
    } finally {
      this.#needing--;
    }
  }

  /** From now on threads are wanted. */
  want(): void {
    clearTimeout(this.#lingering);
    this.#wanted = true;
    this.slots.keep(Infinity);
    this.#startMissing();
  }

  /** From now on threads beyond the reserve are not wanted. They are kept for a while. */
  release(): void {
    this.#wanted = false;
    this.#lingering = setTimeout(() => this.slots.keep(this.#options.reserve), LINGER_MS);
  }

  /** Ends all threads. Resolves once those that are only starting have ended, too: nothing can end a thread that is not up yet. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#lingering);
    this.slots.close();
    await Promise.allSettled(this.#starts);
  }

  /** Threads that must be there even if nobody waits for one. */
  get #floor(): number {
    return Math.max(this.#options.reserve, this.#wanted ? 1 : 0);
  }

  get #missing(): boolean {
    if (this.#closing.signal.aborted) return false;
    return this.slots.slots.size < this.#floor || (this.#wanted && this.#needing > 0 && this.slots.free === 0);
  }

  async #startMissing(): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    let pauseMs = this.slots.slots.size < this.#floor ? 0 : PAUSE_MS;
    for (let row = this.#freeRow(); this.#missing && row !== undefined; row = this.#freeRow()) {
      await sleep(pauseMs);
      if (!this.#missing) break;
      try {
        this.slots.add(await this.#startOne(row));
        this.#first.resolve();
        this.#failing = false;
        pauseMs = PAUSE_MS;
      } catch (error) {
        if (this.#closing.signal.aborted) break;
        this.#options.onTrouble(error);
        this.#failing = true;
        pauseMs = Math.min(Math.max(pauseMs, PAUSE_MS) * 2, MAX_RETRY_MS);
      }
    }
    this.#starting = false;
  }

  async #startOne(row: number): Promise<ThreadSlot> {
    const start = this.#options.start(row, this.#closing.signal);
    this.#starts.add(start);
    const slot = await start.finally(() => this.#starts.delete(start));
    this.#options.onMade();
    // If it dies while it is idle, no call would notice, and the next one needs a thread that lives.
    slot.onDeath = () => this.slots.replaceIdle(slot);
    return slot;
  }

  #freeRow(): number | undefined {
    const taken = new Set([...this.slots.slots].map((slot) => slot.row));
    return this.#options.rows.find((row) => !taken.has(row));
  }

  async #renew(slot: ThreadSlot): Promise<ThreadSlot> {
    try {
      await slot.renew();
      this.#options.onMade();
      return slot;
    } catch (error) {
      if (!slot.dead || this.#closing.signal.aborted) throw error;
    }
    slot.close();
    return await this.#startOne(slot.row);
  }
}
