/**
 * The slots in threads: there while a module's calls are long, and for a while after.
 *
 * @module
 */

import { Slots } from "./slots.ts";
import { sleep } from "./sleep.ts";
import type { ThreadHost } from "./thread_host.ts";

/** What thread slots are made of. */
export interface ThreadSlotsOptions {
  /** Rows of the watchdog's table for their calls: as many as threads are wanted. */
  readonly rows: readonly number[];
  /** Most calls that wait for a thread. */
  readonly queueSize: number;
  /** Starts a thread; no two at a time have the same row. */
  readonly start: (row: number) => Promise<ThreadHost>;
  /** Told when a thread or its instance does not start; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Before each start of a thread, which holds up the event loop for some 13 ms: for it to do what waits. */
const PAUSE_MS = 2;
const MAX_RETRY_MS = 5_000;
/** How long threads are kept once they are no longer wanted. */
const LINGER_MS = 10_000;

/** Starts and ends threads as they are wanted. */
export class ThreadSlots {
  readonly #options: ThreadSlotsOptions;
  #wanted = false;
  #starting = false;
  #first = Promise.withResolvers<void>();
  #lingering: ReturnType<typeof setTimeout> | undefined;
  /** To be taken from and given back to. */
  readonly slots: Slots<ThreadHost>;

  /** Starts nothing before {@linkcode ThreadSlots.want}. */
  constructor(options: ThreadSlotsOptions) {
    this.#options = options;
    this.slots = new Slots({ ...options, renew: (host) => this.#renew(host) });
  }

  /** True once there is a thread. */
  get ready(): boolean {
    return this.slots.hosts.size > 0;
  }

  /** Resolves once there is a thread, or after `patienceMs`. */
  async waitForFirst(patienceMs: number): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, patienceMs);
    await Promise.race([this.#first.promise, patience.promise]);
    clearTimeout(timer);
  }

  /** From now on threads are wanted. */
  want(): void {
    clearTimeout(this.#lingering);
    this.#wanted = true;
    this.slots.keep();
    this.#startMissing();
  }

  /** From now on threads are not wanted; they are kept a while. */
  release(): void {
    this.#wanted = false;
    this.#lingering = setTimeout(() => {
      this.#first = Promise.withResolvers();
      this.slots.retire();
    }, LINGER_MS);
  }

  /** Ends all threads. */
  close(): void {
    this.#wanted = false;
    clearTimeout(this.#lingering);
    this.slots.close();
  }

  async #startMissing(): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    let retryMs = PAUSE_MS;
    for (let row = this.#freeRow(); this.#wanted && row !== undefined; row = this.#freeRow()) {
      await sleep(retryMs);
      try {
        this.slots.add(await this.#options.start(row));
        this.#first.resolve();
        retryMs = PAUSE_MS;
      } catch (error) {
        this.#options.onTrouble(error);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
    this.#starting = false;
  }

  #freeRow(): number | undefined {
    const taken = new Set([...this.slots.hosts].map((host) => host.row));
    return this.#options.rows.find((row) => !taken.has(row));
  }

  async #renew(host: ThreadHost): Promise<ThreadHost> {
    try {
      await host.renew();
      return host;
    } catch (error) {
      if (!host.dead) throw error;
    }
    host.close();
    return this.#options.start(host.row);
  }
}
