/**
 * Runs calls of one module: on the event loop's thread while they are short, else in threads.
 *
 * @module
 */

import { GuestError, PoolError } from "../errors.ts";
import type { GuestCall, GuestModule, GuestOutput } from "../guest/mod.ts";
import { now } from "../time.ts";
import type { Host, Take } from "./host.ts";
import { LocalHost } from "./local_host.ts";
import { Pace, SHORT_MS } from "./pace.ts";
import { sleep } from "./sleep.ts";
import { Slots } from "./slots.ts";
import { ThreadHost } from "./thread_host.ts";
import { ThreadSlots } from "./thread_slots.ts";
import { Watchdog } from "./watchdog.ts";

/** Shape of a pool. */
export interface PoolOptions {
  /** Instances on the event loop, and threads once they are needed; at least one. */
  readonly size: number;
  /** Most calls that wait for an instance, on the event loop and in threads each. */
  readonly queueSize: number;
  /** Takes what guests print, on the thread that made the pool. */
  readonly output: GuestOutput;
  /** Told when an instance or thread does not start; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** Told when long calls go to threads from now on (true), or all calls run on the event loop again (false). */
  readonly onMove?: (toThreads: boolean) => void;
}

/** A call with a way to give up waiting for it. */
export interface PoolCall extends GuestCall {
  /** Any whole number; calls of one kind are taken to last alike. */
  readonly kind: number;
  /** Asked for its signal only if the call has to wait. */
  readonly cancellation?: { readonly signal: AbortSignal };
}

/** Between two long calls on the event loop, for it to do what waits. */
const PAUSE_MS = 2;
/**
 * How long the event loop keeps back from calls, most of all from such as the one that has just overrun there, for a thread to
 * start: between two of them none comes up.
 */
const THREAD_PATIENCE_MS = 250;

/** Runs calls of one module. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #watchdog: Watchdog;
  readonly #local: Slots<LocalHost>;
  readonly #threads: ThreadSlots;
  readonly #pace: Pace;
  #inThreads = false;
  #closed = false;

  private constructor(module: GuestModule, options: PoolOptions, watchdog: Watchdog) {
    this.#options = options;
    this.#watchdog = watchdog;
    this.#threads = new ThreadSlots({
      ...options,
      rows: Array.from({ length: options.size }, (_, index) => options.size + index),
      start: (row) => ThreadHost.start(module, watchdog, row, options.output),
    });
    this.#local = new Slots({
      ...options,
      renew: async (host) => {
        await host.renew();
        return host;
      },
    });
    let quickestStartMs = Infinity;
    for (let row = 0; row < options.size; row++) {
      const startedAt = now();
      this.#local.add(new LocalHost(module, watchdog.meter(row), options.output));
      quickestStartMs = Math.min(quickestStartMs, now() - startedAt);
    }
    // Each instance that takes the place of a failed one would hold up the event loop for longer than any call may.
    this.#pace = new Pace(quickestStartMs > module.limits.timeoutMs);
    this.#follow();
  }

  /**
   * Starts all instances on the event loop.
   *
   * @throws {GuestError | PoolError} if one, or the watchdog, does not start.
   */
  static async create(module: GuestModule, options: PoolOptions): Promise<Pool> {
    const watchdog = await Watchdog.start(2 * options.size, module.limits.timeoutMs);
    try {
      const pool = new Pool(module, options, watchdog);
      if (pool.#inThreads) await pool.#threads.waitForFirst(module.limits.startTimeoutMs);
      return pool;
    } catch (error) {
      watchdog.close();
      throw error;
    }
  }

  /**
   * Makes a call and hands its result to `accept`, for which alone the bytes hold: at once where an instance is free and calls of
   * its kind are short, else later.
   *
   * @param time What `now()` would tell, for whoever knows it.
   * @throws {GuestError | PoolError} What goes wrong, and what `accept` throws; the instance is replaced then.
   */
  run<T>(call: PoolCall, accept: Take<T>, time = now()): T | Promise<T> {
    if (!this.#belongsInThread(call)) {
      const host = this.#local.tryTake();
      if (host !== undefined) return this.#runLocally(host, call, accept, time);
    }
    return this.#runLater({ ...call, input: call.input.slice() }, accept);
  }

  /** Ends all threads. */
  close(): void {
    this.#closed = true;
    this.#local.close();
    this.#threads.close();
    this.#watchdog.close();
  }

  /** In threads as soon as there is one: until then the event loop goes on, with a pause after each long call. */
  #belongsInThread(call: PoolCall): boolean {
    return this.#threads.ready && this.#pace.isLong(call.kind);
  }

  async #runLater<T>(call: PoolCall, accept: Take<T>): Promise<T> {
    for (;;) {
      const inThread = this.#belongsInThread(call);
      const waiting = { timeoutMs: call.deadline - now(), signal: call.cancellation?.signal };
      if (inThread) return this.#runInThread(await this.#threads.slots.take(waiting), call, accept);
      const host = await this.#local.take(waiting);
      // A thread may have come while it waited.
      if (!this.#belongsInThread(call)) return this.#runLocally(host, call, accept, now());
      this.#local.give(host);
    }
  }

  #runLocally<T>(host: LocalHost, call: PoolCall, accept: Take<T>, startedAt: number): T {
    this.#checkRunnable(this.#local, host, call, startedAt);
    let renew = true;
    let overran = false;
    try {
      const value = host.call(call, accept);
      renew = host.worn;
      return value;
    } catch (error) {
      overran = hasOverrun(error);
      throw error;
    } finally {
      const endedAt = now();
      const durationMs = overran ? Infinity : endedAt - startedAt;
      this.#pace.observeOnEventLoop(call.kind, durationMs, endedAt);
      this.#follow();
      if (this.#inThreads && durationMs > SHORT_MS) this.#giveLater(host, renew, overran);
      else if (renew) this.#local.renew(host);
      else this.#local.give(host);
    }
  }

  /** After a long call, so that the event loop comes to do what waits: the start of threads first of all. */
  async #giveLater(host: LocalHost, renew: boolean, overran: boolean): Promise<void> {
    if (this.#threads.ready) await sleep(PAUSE_MS);
    else {
      const threads = this.#threads.waitForFirst(THREAD_PATIENCE_MS);
      this.#local.rest(threads);
      await (overran ? threads : sleep(PAUSE_MS));
    }
    if (renew) await this.#local.renew(host);
    else this.#local.give(host);
  }

  async #runInThread<T>(host: ThreadHost, call: PoolCall, accept: Take<T>): Promise<T> {
    this.#checkRunnable(this.#threads.slots, host, call, now());
    let renew = true;
    let overran = false;
    try {
      const value = await host.call(call, accept);
      renew = host.worn;
      return value;
    } catch (error) {
      overran = host.dead || hasOverrun(error);
      throw error;
    } finally {
      this.#pace.observeInThread(call.kind, overran ? Infinity : host.lastDurationMs, now());
      this.#follow();
      if (renew) this.#threads.slots.renew(host);
      else this.#threads.slots.give(host);
    }
  }

  #checkRunnable<H extends Host>(slots: Slots<H>, host: H, call: PoolCall, time: number): void {
    if (!this.#closed && time < call.deadline) return;
    slots.give(host);
    throw this.#closed ? closed() : tooLate();
  }

  #follow(): void {
    const { slow } = this.#pace;
    if (slow === this.#inThreads) return;
    this.#inThreads = slow;
    this.#options.onMove?.(slow);
    if (slow) this.#threads.want();
    else this.#threads.release();
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
