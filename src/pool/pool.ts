/**
 * Runs calls of one module: on the event loop's thread while they are short, and in threads otherwise.
 *
 * @module
 */

import { AgentError, type ErrorCode, PoolError } from "../errors.ts";
import type { GuestAbi, GuestEars, GuestModule } from "../guest/mod.ts";
import type { Observer, PoolSnapshot } from "../ops/mod.ts";
import { sleep } from "../sleep.ts";
import { lastNow, now } from "../time.ts";
import { noteWork } from "../turn.ts";
import type { Take } from "./slot.ts";
import { Leash } from "./leash.ts";
import type { Lease } from "./lease.ts";
import { LocalSlot } from "./local_slot.ts";
import { isOverrun, LocalSlots } from "./local_slots.ts";
import { MetricNames } from "./metric_names.ts";
import { SHORT_MS } from "./pace.ts";
import { Placement } from "./placement.ts";
import { isWaitTimeout, keep, LATE_CALL_MS, type PoolCall, tooLateAt, waitingFor } from "./pool_call.ts";
import type { SlotEvents, SlotSet } from "./slot_set.ts";
import { statesOf } from "./slot_states.ts";
import { ThreadSlot } from "./thread_slot.ts";
import { ThreadSlots } from "./thread_slots.ts";
import type { Rows, Watchdog } from "./watchdog.ts";

/** Shape of a pool. */
export interface PoolOptions {
  /** How many instances there are on the event loop, and at most in threads once those are needed: at least one. */
  readonly size: number;
  /** How many calls wait for an instance at most, on the event loop and for threads each. */
  readonly queueSize: number;
  /** How many threads are started at once, so that the first long call finds one. With 0, none is started before it is needed. */
  readonly reserve: number;
  /** The ABIs among which the module's is looked up on the event loop, where they are not this host's own. Threads have their own list. */
  readonly abis?: readonly GuestAbi[];
  /** Ends calls past their deadline. The caller that has started it ends it, after the pool. */
  readonly watchdog: Watchdog;
  /** Told, on the thread that made the pool, what guests print and what becomes of instances and threads. */
  readonly observer: Observer;
  /**
   * True while requests are served: instances are tried in a thread first, and then started on the event loop one at a time, with pauses
   * and no longer than a call may take.
   */
  readonly gently?: boolean;
}

/** The pause after a long call on the event loop, in which it does what waits. */
const PAUSE_MS = 2;
/** How often one call is tried on the event loop. A machine that others keep busy may hold up the first try for longer than its leash. */
const MAX_TRIES = 2;

/** Runs calls of one module. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #module: GuestModule;
  readonly #rows: Rows;
  readonly #locals: LocalSlots;
  /** Those of {@linkcode LocalSlots}, one step nearer: each call takes one. */
  readonly #local: SlotSet<LocalSlot>;
  readonly #threads: ThreadSlots;
  readonly #placement: Placement;
  readonly #lateCallMs: number;
  readonly #maxMemoryBytes: number;
  #closed = false;

  private constructor(module: GuestModule, options: PoolOptions) {
    const { watchdog, reserve, size } = options;
    this.#options = options;
    this.#module = module;
    const { timeoutMs } = module.limits;
    this.#lateCallMs = Math.min(LATE_CALL_MS, timeoutMs);
    const leash = new Leash(timeoutMs);
    const [shortestMs, longestMs] = reserve > 0 ? [leash.firstMs, leash.latestMs] : [timeoutMs, timeoutMs];
    this.#rows = watchdog.allot(2 * size, { shortestMs, longestMs });
    this.#maxMemoryBytes = module.limits.maxMemoryMiB * 1024 * 1024;
    const { observer, queueSize } = options;
    const metrics = new MetricNames(module.name, observer);
    const ears: GuestEars = {
      output: (stream, line, correlationId, level) =>
        observer.printed?.({ module: module.name, stream, line, correlationId, level }),
      measured: (measures) => metrics.take(measures),
    };
    const events: SlotEvents = {
      onTrouble: (error) => observer.notStarted?.(module.name, error),
      onRenewed: () => observer.replaced?.(module.name),
      onEnded: (why) => observer.ended?.(module.name, why),
    };
    this.#threads = new ThreadSlots({
      ...events,
      onMade: () => observer.made?.(module.name, "thread"),
      queueSize,
      reserve: Math.min(reserve, size),
      rows: this.#rows.rows.slice(size),
      start: (row, giveUp) => ThreadSlot.start(module, watchdog, row, ears, giveUp),
    });
    this.#placement = new Placement(leash, this.#threads, (slow) => observer.moved?.(module.name, slow));
    this.#locals = new LocalSlots({
      ...events,
      onMade: (tookMs) => observer.made?.(module.name, "event_loop", tookMs),
      onSlowStart: () => this.#placement.banish(),
      queueSize,
      rows: this.#rows.rows.slice(0, size),
      timeoutMs,
      start: (row, startMs) => new LocalSlot(module, watchdog.guard(row), ears, options.abis, startMs),
    });
    this.#local = this.#locals.slots;
  }

  /**
   * Starts all instances on the event loop, and the reserve of threads.
   *
   * @throws {GuestError} if one of those on the event loop does not start, or the one that is tried in a thread.
   * @throws {PoolError} `POOL_TOO_LARGE`
   */
  static async create(module: GuestModule, options: PoolOptions): Promise<Pool> {
    const pool = new Pool(module, options);
    try {
      if (options.gently === true) await pool.#startGently();
      else pool.#locals.startAtOnce();
      await pool.#threads.start(module.limits.startTimeoutMs);
      return pool;
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  /**
   * Makes a call and hands its result to `accept`, for which alone the bytes hold: at once if an instance is free and calls of
   * its cohort are short, and later otherwise.
   *
   * @param time What `now()` would answer, from a caller that knows it.
   * @throws {GuestError | PoolError} What goes wrong, and what `accept` throws. In both cases the instance is replaced.
   */
  run<T>(call: PoolCall, accept: Take<T>, time = now()): T | Promise<T> {
    if (!this.#placement.belongsInThread(call.cohort)) {
      const lease = this.#local.tryTake();
      if (lease !== undefined) return this.#runLocally(lease, call, accept, time);
    }
    return this.#runLater(keep(call), accept, time);
  }

  /** What there is now. */
  snapshot(): PoolSnapshot {
    const { queueSize } = this.#options;
    return {
      module: this.#module.name,
      slots: [...statesOf(this.#local, "event_loop"), ...statesOf(this.#threads.slots, "thread")],
      waiting: { event_loop: this.#local.waiting, thread: this.#threads.slots.waiting },
      queueSize,
      inThreads: this.#placement.inThreads,
      maxMemoryBytes: this.#maxMemoryBytes,
    };
  }

  /** Memory of each instance that there is, in bytes: those on the event loop first, then those in threads. */
  get instanceBytes(): readonly number[] {
    return [...this.#local.slots, ...this.#threads.slots.slots].flatMap(({ memoryBytes }) => memoryBytes ?? []);
  }

  /** Ends all threads; resolves once none is left that was only starting. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#local.close();
    await this.#threads.close();
    this.#rows[Symbol.dispose]();
  }

  /** What does not start at all is found out in a thread, and so is what takes longer to start than a call may. */
  async #startGently(): Promise<void> {
    if (await this.#threads.tryOne() > this.#module.limits.timeoutMs) this.#locals.noteSlowStart();
    else await this.#locals.startGently();
  }

  /** @param askedAt When the call came, from where its wait counts. */
  async #runLater<T>(call: PoolCall, accept: Take<T>, askedAt: number): Promise<T> {
    for (;;) {
      if (this.#placement.belongsInThread(call.cohort)) return await this.#runInThreads(call, accept, 0, askedAt);
      const lease = await this.#local.take(waitingFor(call));
      // A thread may have come while it waited.
      if (!this.#placement.belongsInThread(call.cohort)) {
        return await this.#runLocally(lease, call, accept, now(), 0, askedAt);
      }
      lease[Symbol.dispose]();
    }
  }

  /** @param tries How often the call has been ended on the event loop by its leash. */
  async #runInThreads<T>(call: PoolCall, accept: Take<T>, tries: number, askedAt: number): Promise<T> {
    for (;;) {
      const lease = await this.#waitForThread(call, tries < MAX_TRIES);
      if (lease?.slot.dead) lease[Symbol.dispose]();
      else if (lease !== undefined) return await this.#runInThread(lease, call, accept, askedAt);
      else {
        const local = this.#local.tryTake();
        if (local !== undefined) return await this.#runLocally(local, call, accept, now(), tries, askedAt);
      }
    }
  }

  /**
   * A thread, or undefined once the call is better tried on the event loop, because all threads may be busy with calls that never end.
   * A call of a cohort that has only been long of late waits for half of its time before it goes there.
   */
  async #waitForThread(call: PoolCall, mayGoBack: boolean): Promise<Lease<ThreadSlot> | undefined> {
    const idle = this.#threads.slots.tryTake();
    if (idle !== undefined) return idle;
    const waiting = waitingFor(call);
    if (!mayGoBack) return await this.#threads.take(waiting);
    const hopeful = this.#placement.mayBeShort(call.cohort);
    const goesBackFrom = hopeful ? 0 : call.deadline - waiting.timeoutMs / 2;
    const back = new AbortController();
    const timer = setInterval(() => {
      if (this.#local.free > 0 && this.#placement.leashIsLong && lastNow() >= goesBackFrom) back.abort();
    }, this.#placement.leash.firstMs);
    const signal = waiting.signal === undefined ? back.signal : AbortSignal.any([back.signal, waiting.signal]);
    try {
      // For a call that may be short no thread is started, because that would hold up the event loop, where the call can go.
      const threads = hopeful ? this.#threads.slots : this.#threads;
      return await threads.take({ ...waiting, signal });
    } catch (error) {
      if (back.signal.aborted && !waiting.signal?.aborted) return undefined;
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  #runLocally<T>(
    lease: Lease<LocalSlot>,
    call: PoolCall,
    accept: Take<T>,
    startedAt: number,
    tries = 0,
    askedAt = startedAt,
  ): T | Promise<T> {
    const refusal = this.#refusalOf(call, startedAt);
    if (refusal !== undefined) {
      lease[Symbol.dispose]();
      throw refusal;
    }
    const endsAt = this.#endOf(call, startedAt);
    const { longestMs, latestMs } = this.#placement.leash;
    const manyMs = this.#placement.leashOf(call.cohort, startedAt);
    const few = this.#placement.holdsUpFew(manyMs);
    const leashMs = few ? longestMs : manyMs;
    const until = Math.min(endsAt, startedAt + leashMs);
    const latest = Math.min(endsAt, startedAt + (few ? latestMs : manyMs));
    let overran = false;
    let cut = false;
    // There is no "using" here, because it would cost a tenth of what a whole request does.
    try {
      return lease.slot.call(call, accept, until, latest);
    } catch (error) {
      lease.spoil(codeOf(error));
      overran = isOverrun(error);
      cut = overran && until < call.deadline && now() < call.deadline;
      if (cut) return this.#runAnew(keep(call), accept, error, leashMs, tries + 1);
      throw error;
    } finally {
      const endedAt = now();
      noteWork(startedAt);
      const tookMs = endedAt - startedAt;
      this.#options.observer.called?.(this.#module.name, startedAt - askedAt, tookMs);
      this.#placement.observeOnEventLoop(call.cohort, tookMs, endedAt, overran, cut);
      if (overran) this.#local.rest(sleep(0));
      if ((overran || this.#placement.inThreads) && tookMs > SHORT_MS) endLater(lease);
      else lease[Symbol.dispose]();
    }
  }

  /** Makes a call in a thread that its leash has ended on the event loop, with the time that it has left. */
  async #runAnew<T>(call: PoolCall, accept: Take<T>, cut: unknown, leashMs: number, tries: number): Promise<T> {
    const cutAt = now();
    try {
      const value = await this.#runInThreads(call, accept, tries, cutAt);
      // It was no longer than its leash there: what has held it up is the machine, or the first call of an instance.
      if (now() - cutAt < leashMs) this.#placement.leash.lengthen(leashMs);
      return value;
    } catch (error) {
      if (isOverrun(error)) this.#placement.leash.reset();
      // There was no time left because the call itself is long, and so its first error says more than that it has waited.
      throw isWaitTimeout(error) ? cut : error;
    }
  }

  async #runInThread<T>(
    taken: Lease<ThreadSlot>,
    call: PoolCall,
    accept: Take<T>,
    askedAt: number,
  ): Promise<T> {
    using lease = taken;
    const { slot } = lease;
    const startedAt = now();
    const refusal = this.#refusalOf(call, startedAt);
    if (refusal !== undefined) throw refusal;
    let overran = false;
    try {
      return await slot.call(call, accept, this.#endOf(call, startedAt));
    } catch (error) {
      lease.spoil(codeOf(error));
      overran = slot.dead || isOverrun(error);
      throw error;
    } finally {
      const endedAt = now();
      this.#options.observer.called?.(this.#module.name, startedAt - askedAt, endedAt - startedAt);
      this.#placement.observeInThread(call.cohort, overran ? Infinity : slot.lastDurationMs, endedAt);
    }
  }

  /** When a call that begins at `time` must have ended. */
  #endOf(call: PoolCall, time: number): number {
    return Math.max(call.deadline, time + this.#lateCallMs);
  }

  /** Why a call must not begin at `time`, or undefined if it may. */
  #refusalOf(call: PoolCall, time: number): PoolError | undefined {
    return this.#closed ? closed() : tooLateAt(time, call);
  }
}

/** Gives a slot back after a pause, in which the event loop does what has waited. */
async function endLater(lease: Disposable): Promise<void> {
  using _ = lease;
  await sleep(PAUSE_MS);
}

/** By what an instance is spoilt. */
function codeOf(error: unknown): ErrorCode {
  return error instanceof AgentError ? error.code : "UNEXPECTED";
}

function closed(): PoolError {
  return new PoolError("POOL_CLOSED", "Cannot make call as the pool must be open: received a call after its end");
}
