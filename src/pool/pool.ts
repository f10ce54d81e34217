/**
 * Runs calls of one module: on the event loop's thread while they are short, else each slot in a thread of its own.
 *
 * @module
 */

import { GuestError, PoolError } from "../errors.ts";
import type { GuestCall, GuestModule } from "../guest/mod.ts";
import { Pace } from "./pace.ts";
import { type Slot, Slots, type SlotsOptions } from "./slots.ts";
import type { ThreadHost } from "./thread_host.ts";
import { Watchdog } from "./watchdog.ts";

/** Shape of a pool. */
export interface PoolOptions extends SlotsOptions {
  /** Told when the module goes to threads (true) or comes back (false). */
  readonly onMove?: (toThreads: boolean) => void;
}

/** A call with a way to give up waiting for it. */
export interface PoolCall extends GuestCall {
  /** Asked for its signal only if the call has to wait. */
  readonly cancellation?: { readonly signal: AbortSignal };
}

/** Runs calls of one module. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #watchdog: Watchdog;
  readonly #slots: Slots;
  readonly #pace = new Pace();

  private constructor(module: GuestModule, options: PoolOptions, watchdog: Watchdog) {
    this.#options = options;
    this.#watchdog = watchdog;
    this.#slots = new Slots(module, options, watchdog);
  }

  /**
   * Starts all instances.
   *
   * @throws {GuestError | PoolError} if one, or the watchdog, does not start.
   */
  static async create(module: GuestModule, options: PoolOptions): Promise<Pool> {
    const watchdog = await Watchdog.start(2 * options.size, module.limits.timeoutMs);
    try {
      const startedAt = performance.now();
      const pool = new Pool(module, options, watchdog);
      // A module that is slow to start would hold up the event loop whenever an instance is replaced.
      const now = performance.now();
      pool.#observe((now - startedAt) / options.size, now);
      return pool;
    } catch (error) {
      watchdog.close();
      throw error;
    }
  }

  /**
   * Makes a call and hands its result to `accept`, for which alone the bytes hold: at once where a slot is free and the module
   * quick, else later.
   *
   * @throws {GuestError | PoolError} What goes wrong, and what `accept` throws; the instance is replaced then.
   */
  run<T>(call: PoolCall, accept: (result: Uint8Array) => T): T | Promise<T> {
    const slot = this.#slots.tryTake();
    if (slot !== undefined) return this.#runIn(slot, call, accept);
    return this.#runLater({ ...call, input: call.input.slice() }, accept);
  }

  /** Ends all threads. */
  close(): void {
    this.#slots.close();
    this.#watchdog.close();
  }

  async #runLater<T>(call: PoolCall, accept: (result: Uint8Array) => T): Promise<T> {
    const timeoutMs = call.deadline - performance.now();
    return this.#runIn(await this.#slots.take({ timeoutMs, signal: call.cancellation?.signal }), call, accept);
  }

  #runIn<T>(slot: Slot, call: PoolCall, accept: (result: Uint8Array) => T): T | Promise<T> {
    const now = performance.now();
    if (this.#slots.closed || now >= call.deadline) {
      this.#slots.give(slot);
      throw this.#slots.closed ? closed() : tooLate();
    }
    return this.#slots.inThreads && slot.thread !== undefined
      ? this.#runInThread(slot, slot.thread, call, accept)
      : this.#runLocally(slot, call, accept, now);
  }

  #runLocally<T>(slot: Slot, call: PoolCall, accept: (result: Uint8Array) => T, startedAt: number): T {
    let renew = true;
    let overran = false;
    try {
      const value = slot.local.call(call, accept);
      renew = slot.local.worn;
      return value;
    } catch (error) {
      overran = hasOverrun(error);
      throw error;
    } finally {
      const now = performance.now();
      this.#observe(overran ? Infinity : now - startedAt, now);
      if (overran) this.#slots.renewAfterOverrun(slot);
      else if (renew) this.#slots.renew(slot, slot.local);
      else if (this.#slots.inThreads) this.#slots.giveLater(slot);
      else this.#slots.give(slot);
    }
  }

  async #runInThread<T>(slot: Slot, thread: ThreadHost, call: PoolCall, accept: (result: Uint8Array) => T): Promise<T> {
    let renew = true;
    let overran = false;
    try {
      const value = await thread.call(call, accept);
      renew = thread.worn;
      return value;
    } catch (error) {
      overran = thread.dead || hasOverrun(error);
      throw error;
    } finally {
      this.#observe(overran ? Infinity : thread.lastDurationMs, performance.now());
      if (renew) this.#slots.renew(slot, thread);
      else this.#slots.give(slot);
    }
  }

  #observe(durationMs: number, now: number): void {
    this.#pace.observe(durationMs, now);
    if (this.#pace.slow === this.#slots.inThreads) return;
    this.#options.onMove?.(this.#pace.slow);
    if (this.#pace.slow) this.#slots.moveToThreads();
    else this.#slots.moveToEventLoop();
  }
}

function hasOverrun(error: unknown): boolean {
  return error instanceof GuestError && error.code === "GUEST_DEADLINE";
}

function closed(): PoolError {
  return new PoolError("POOL_CLOSED", "Cannot make call as the pool must be open: received a call after its end");
}

function tooLate(): PoolError {
  return new PoolError(
    "POOL_WAIT_TIMEOUT",
    "Cannot make call as its deadline (--timeout-ms) must be ahead: received a past one",
  );
}
