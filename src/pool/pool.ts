/**
 * A fixed array of slots behind a semaphore; each slot holds one instance on the event loop's thread and, while the module is
 * slow, one in a thread of its own.
 *
 * @module
 */

import { PoolError } from "../errors.ts";
import type { GuestCall, GuestModule, GuestOutput } from "../guest/mod.ts";
import { LocalHost } from "./local_host.ts";
import { Pace } from "./pace.ts";
import { Semaphore } from "./semaphore.ts";
import { ThreadHost } from "./thread_host.ts";
import { Watchdog } from "./watchdog.ts";

/** Shape of a pool. */
export interface PoolOptions {
  /** Slots, at least one. */
  readonly size: number;
  /** Most calls that wait for a slot. */
  readonly queueSize: number;
  readonly output: GuestOutput;
  /** Told when an instance or thread does not start; the pool goes on trying. */
  readonly onTrouble: (error: unknown) => void;
  /** Told when the module goes to threads (true) or comes back (false). */
  readonly onMove?: (toThreads: boolean) => void;
}

/** A call with a way to give up waiting for it. */
export interface PoolCall extends GuestCall {
  /** Asked for its signal only if the call has to wait. */
  readonly cancellation?: { readonly signal: AbortSignal };
}

interface Slot {
  readonly index: number;
  readonly local: LocalHost;
  thread?: ThreadHost;
  threadStarting?: boolean;
}

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 5_000;

/** Runs calls of one module. */
export class Pool {
  readonly #module: GuestModule;
  readonly #options: PoolOptions;
  readonly #watchdog: Watchdog;
  readonly #semaphore: Semaphore;
  readonly #pace = new Pace();
  /** Slots whose permit nobody holds. */
  readonly #idle: Slot[];
  #inThreads = false;
  #closed = false;

  private constructor(module: GuestModule, options: PoolOptions, watchdog: Watchdog, slots: Slot[]) {
    this.#module = module;
    this.#options = options;
    this.#watchdog = watchdog;
    this.#semaphore = new Semaphore(slots.length, options.queueSize);
    this.#idle = slots;
  }

  /**
   * Starts all instances.
   *
   * @throws {GuestError} if one does not start.
   */
  static async create(module: GuestModule, options: PoolOptions): Promise<Pool> {
    const watchdog = await Watchdog.start(2 * options.size, module.limits.timeoutMs);
    try {
      const startedAt = performance.now();
      const slots = Array.from({ length: options.size }, (_, index): Slot => ({
        index,
        local: new LocalHost(module, watchdog.meter(index), options.output),
      }));
      const pool = new Pool(module, options, watchdog, slots);
      // A module that is slow to start would hold up the event loop with each renewal.
      const now = performance.now();
      pool.#observe((now - startedAt) / options.size, now);
      return pool;
    } catch (error) {
      watchdog.close();
      throw error;
    }
  }

  /** Calls waiting for a slot. */
  get waiting(): number {
    return this.#semaphore.waiting;
  }

  /**
   * Makes a call and hands its result text to `accept`: at once where a slot is free and the module quick, else later.
   *
   * @throws {GuestError | PoolError} What goes wrong, and what `accept` throws; either way the instance is replaced.
   */
  run<T>(call: PoolCall, accept: (text: string) => T): T | Promise<T> {
    if (this.#semaphore.tryAcquire()) return this.#runOnIdle(call, accept);
    return this.#runLater({ ...call, input: call.input.slice() }, accept);
  }

  /** Ends all threads. */
  close(): void {
    this.#closed = true;
    for (const slot of this.#idle) this.#closeThread(slot);
    this.#watchdog.close();
  }

  async #runLater<T>(call: PoolCall, accept: (text: string) => T): Promise<T> {
    await this.#semaphore.acquire({ timeoutMs: call.deadline - performance.now(), signal: call.cancellation?.signal });
    return this.#runOnIdle(call, accept);
  }

  #runOnIdle<T>(call: PoolCall, accept: (text: string) => T): T | Promise<T> {
    const slot = this.#takeIdle();
    if (performance.now() >= call.deadline) {
      this.#release(slot);
      throw new PoolError(
        "POOL_WAIT_TIMEOUT",
        "Cannot make call as its deadline (--timeout-ms) must be ahead: received a past one",
      );
    }
    return this.#inThreads && slot.thread !== undefined
      ? this.#runInThread(slot, slot.thread, call, accept)
      : this.#runLocally(slot, call, accept);
  }

  #runLocally<T>(slot: Slot, call: PoolCall, accept: (text: string) => T): T {
    const startedAt = performance.now();
    let renew = true;
    try {
      const value = accept(slot.local.call(call).text);
      renew = slot.local.worn;
      return value;
    } finally {
      const now = performance.now();
      this.#observe(now - startedAt, now);
      if (renew) this.#renew(slot, slot.local);
      else this.#release(slot);
    }
  }

  async #runInThread<T>(slot: Slot, thread: ThreadHost, call: PoolCall, accept: (text: string) => T): Promise<T> {
    let renew = true;
    let durationMs = this.#module.limits.timeoutMs;
    try {
      const result = await thread.call(call);
      durationMs = result.durationMs;
      const value = accept(result.text);
      renew = thread.worn;
      return value;
    } finally {
      this.#observe(durationMs, performance.now());
      if (renew) this.#renew(slot, thread);
      else this.#release(slot);
    }
  }

  #takeIdle(): Slot {
    const preferred = this.#inThreads ? this.#idle.findLastIndex((slot) => slot.thread !== undefined) : -1;
    const slot = preferred < 0 ? this.#idle.pop() : this.#idle.splice(preferred, 1)[0];
    if (slot === undefined) {
      throw new TypeError("Cannot take slot as a permit must stand for an idle one: received none");
    }
    return slot;
  }

  #release(slot: Slot): void {
    if (this.#closed || !this.#inThreads) this.#closeThread(slot);
    else this.#moveToThread(slot);
    this.#idle.push(slot);
    this.#semaphore.release();
  }

  /** Replaces the instance of `host`, again and again until one starts; only then is its slot free. */
  async #renew(slot: Slot, host: LocalHost | ThreadHost): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !this.#closed; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        if (host instanceof ThreadHost) await this.#renewThread(slot, host);
        else await host.renew();
        break;
      } catch (error) {
        this.#options.onTrouble(error);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
    this.#release(slot);
  }

  async #renewThread(slot: Slot, host: ThreadHost): Promise<void> {
    try {
      return await host.renew();
    } catch (error) {
      if (!host.dead) throw error;
    }
    this.#closeThread(slot);
    slot.thread = await this.#startThread(slot);
  }

  #startThread(slot: Slot): Promise<ThreadHost> {
    return ThreadHost.start(this.#module, this.#watchdog, this.#options.size + slot.index, this.#options.output);
  }

  /** Until its thread is there, a slot goes on serving locally. */
  async #moveToThread(slot: Slot): Promise<void> {
    if (slot.thread !== undefined || slot.threadStarting) return;
    slot.threadStarting = true;
    try {
      const thread = await this.#startThread(slot);
      if (this.#inThreads && !this.#closed) slot.thread = thread;
      else thread.close();
    } catch (error) {
      this.#options.onTrouble(error);
    } finally {
      slot.threadStarting = false;
    }
  }

  #closeThread(slot: Slot): void {
    slot.thread?.close();
    slot.thread = undefined;
  }

  #observe(durationMs: number, now: number): void {
    this.#pace.observe(durationMs, now);
    if (this.#pace.slow === this.#inThreads) return;
    this.#inThreads = this.#pace.slow;
    this.#options.onMove?.(this.#inThreads);
    for (const slot of this.#idle) {
      if (this.#inThreads) this.#moveToThread(slot);
      else this.#closeThread(slot);
    }
  }
}
