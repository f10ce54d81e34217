/**
 * A fixed array of slots behind a semaphore. Each slot holds one instance on the event loop's thread and, while the module's calls
 * are long, one in a thread of its own.
 *
 * @module
 */

import { GuestError, PoolError } from "../errors.ts";
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
  /** Takes what guests print, on the thread that made the pool. */
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
/** Between two things that hold up the event loop, a long call or the start of a thread: for it to do what waits. */
const PAUSE_MS = 2;
/**
 * How long a slot whose call overran stays out of service for threads to start: it would take the next long call on the event loop,
 * and between two such calls no thread comes up.
 */
const THREAD_PATIENCE_MS = 250;
/** How long threads are kept after the module has come to the event loop. */
const LINGER_MS = 10_000;

/** Runs calls of one module. */
export class Pool {
  readonly #module: GuestModule;
  readonly #options: PoolOptions;
  readonly #watchdog: Watchdog;
  readonly #semaphore: Semaphore;
  readonly #pace = new Pace();
  readonly #slots: readonly Slot[];
  /** Slots whose permit nobody holds. */
  readonly #idle: Slot[];
  /** Slots that are idle or at work: all but those that wait for a thread. */
  #inService: number;
  #threadStarts: Promise<void> = Promise.resolve();
  #inThreads = false;
  #keepThreads = false;
  #lingering: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  private constructor(module: GuestModule, options: PoolOptions, watchdog: Watchdog) {
    this.#module = module;
    this.#options = options;
    this.#watchdog = watchdog;
    this.#semaphore = new Semaphore(options.size, options.queueSize);
    this.#slots = Array.from({ length: options.size }, (_, index): Slot => ({
      index,
      local: new LocalHost(module, watchdog.meter(index), options.output),
    }));
    this.#idle = [...this.#slots];
    this.#inService = options.size;
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

  /** Calls waiting for a slot. */
  get waiting(): number {
    return this.#semaphore.waiting;
  }

  /**
   * Makes a call and hands its result to `accept`, for which alone the bytes hold: at once where a slot is free and the module quick, else later.
   *
   * @throws {GuestError | PoolError} What goes wrong, and what `accept` throws; the instance is replaced then.
   */
  run<T>(call: PoolCall, accept: (result: Uint8Array) => T): T | Promise<T> {
    if (this.#semaphore.tryAcquire()) return this.#runOnIdle(call, accept);
    return this.#runLater({ ...call, input: call.input.slice() }, accept);
  }

  /** Ends all threads. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#lingering);
    for (const slot of this.#slots) {
      slot.local.close();
      this.#closeThread(slot);
    }
    this.#watchdog.close();
  }

  async #runLater<T>(call: PoolCall, accept: (result: Uint8Array) => T): Promise<T> {
    await this.#semaphore.acquire({ timeoutMs: call.deadline - performance.now(), signal: call.cancellation?.signal });
    return this.#runOnIdle(call, accept);
  }

  #runOnIdle<T>(call: PoolCall, accept: (result: Uint8Array) => T): T | Promise<T> {
    if (this.#closed) {
      this.#semaphore.release();
      throw new PoolError("POOL_CLOSED", "Cannot make call as the pool must be open: received a call after its end");
    }
    const slot = this.#takeIdle();
    const now = performance.now();
    if (now >= call.deadline) {
      this.#release(slot);
      throw new PoolError(
        "POOL_WAIT_TIMEOUT",
        "Cannot make call as its deadline (--timeout-ms) must be ahead: received a past one",
      );
    }
    return this.#inThreads && slot.thread !== undefined
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
      if (overran) this.#renewAfterOverrun(slot);
      else if (renew) this.#renew(slot, slot.local);
      else if (this.#inThreads) this.#releaseLater(slot);
      else this.#release(slot);
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
      if (renew) this.#renew(slot, thread);
      else this.#release(slot);
    }
  }

  #takeIdle(): Slot {
    const slot = this.#idle.pop();
    if (slot === undefined) {
      throw new TypeError("Cannot take slot as a permit must stand for an idle one: received none");
    }
    return slot;
  }

  #release(slot: Slot): void {
    if (!this.#keepThreads || this.#closed) this.#closeThread(slot);
    if (this.#inThreads && slot.thread === undefined && !slot.threadStarting) {
      // One slot goes on serving on the event loop while the others wait for their threads.
      const leaves = this.#inService > 1;
      this.#giveThread(slot, leaves);
      if (leaves) return;
    }
    this.#idle.push(slot);
    this.#semaphore.release();
  }

  /** Between two long calls on the event loop, lets it do what waits. */
  async #releaseLater(slot: Slot): Promise<void> {
    await sleep(PAUSE_MS);
    this.#release(slot);
  }

  async #renewAfterOverrun(slot: Slot): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, THREAD_PATIENCE_MS);
    await Promise.race([this.#threadStarts, patience.promise]);
    clearTimeout(timer);
    await this.#renew(slot, slot.local);
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
        await sleep(retryMs);
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

  #observe(durationMs: number, now: number): void {
    this.#pace.observe(durationMs, now);
    if (this.#pace.slow === this.#inThreads) return;
    this.#inThreads = this.#pace.slow;
    this.#options.onMove?.(this.#inThreads);
    clearTimeout(this.#lingering);
    if (!this.#inThreads) {
      this.#lingering = setTimeout(() => this.#dropThreads(), LINGER_MS);
      return;
    }
    this.#keepThreads = true;
    const idle = this.#idle.length;
    for (let count = 0; count < idle && this.#semaphore.tryAcquire(); count++) this.#release(this.#takeIdle());
  }

  /** Starts a slot's thread, after those asked for before: each start holds up the event loop for some 13 ms. */
  async #giveThread(slot: Slot, outOfService: boolean): Promise<void> {
    slot.threadStarting = true;
    if (outOfService) this.#inService--;
    await (this.#threadStarts = this.#threadStarts.then(() => this.#tryThread(slot)));
    slot.threadStarting = false;
    if (!outOfService) return;
    this.#inService++;
    this.#release(slot);
  }

  async #tryThread(slot: Slot): Promise<void> {
    for (let retryMs = PAUSE_MS; this.#inThreads && !this.#closed; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      await sleep(retryMs);
      try {
        slot.thread = await this.#startThread(slot);
        if (this.#closed) this.#closeThread(slot);
        return;
      } catch (error) {
        this.#options.onTrouble(error);
      }
    }
  }

  #dropThreads(): void {
    this.#keepThreads = false;
    for (const slot of this.#idle) this.#closeThread(slot);
  }

  #startThread(slot: Slot): Promise<ThreadHost> {
    return ThreadHost.start(this.#module, this.#watchdog, this.#options.size + slot.index, this.#options.output);
  }

  #closeThread(slot: Slot): void {
    slot.thread?.close();
    slot.thread = undefined;
  }
}

function hasOverrun(error: unknown): boolean {
  return error instanceof GuestError && error.code === "GUEST_DEADLINE";
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
