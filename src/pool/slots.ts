/**
 * The fixed array of slots: taken and given back one at a time, repaired when an instance is finished, and given threads while the
 * module's calls are long.
 *
 * @module
 */

import type { GuestModule, GuestOutput } from "../guest/mod.ts";
import { LocalHost } from "./local_host.ts";
import { type AcquireOptions, Semaphore } from "./semaphore.ts";
import { ThreadHost } from "./thread_host.ts";
import type { Watchdog } from "./watchdog.ts";

/** Shape of the slots. */
export interface SlotsOptions {
  /** Slots, at least one. */
  readonly size: number;
  /** Most calls that wait for a slot. */
  readonly queueSize: number;
  /** Takes what guests print, on the thread that made the pool. */
  readonly output: GuestOutput;
  /** Told when an instance or thread does not start; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Room for one call at a time. */
export interface Slot {
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

/** All slots of a pool. */
export class Slots {
  readonly #module: GuestModule;
  readonly #options: SlotsOptions;
  readonly #watchdog: Watchdog;
  readonly #semaphore: Semaphore;
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

  /** @throws {GuestError} if an instance does not start. */
  constructor(module: GuestModule, options: SlotsOptions, watchdog: Watchdog) {
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

  /** True while calls belong in threads. */
  get inThreads(): boolean {
    return this.#inThreads;
  }

  /** True once {@linkcode Slots.close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** A slot, if one is idle and nobody waits. */
  tryTake(): Slot | undefined {
    return this.#semaphore.tryAcquire() ? this.#takeIdle() : undefined;
  }

  /** A slot, after all who asked before. @throws {PoolError} as {@linkcode Semaphore.acquire} does. */
  async take(options: AcquireOptions): Promise<Slot> {
    await this.#semaphore.acquire(options);
    return this.#takeIdle();
  }

  /** Gives a slot back; while calls belong in threads, once it has its own. */
  give(slot: Slot): void {
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
  async giveLater(slot: Slot): Promise<void> {
    await sleep(PAUSE_MS);
    this.give(slot);
  }

  /** Gives a slot back whose call overran on the event loop, with a new instance. */
  async renewAfterOverrun(slot: Slot): Promise<void> {
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, THREAD_PATIENCE_MS);
    await Promise.race([this.#threadStarts, patience.promise]);
    clearTimeout(timer);
    await this.renew(slot, slot.local);
  }

  /** Gives a slot back with a new instance in `host`, tried again and again until one starts. */
  async renew(slot: Slot, host: LocalHost | ThreadHost): Promise<void> {
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
    this.give(slot);
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

  /** From now on calls belong in threads. */
  moveToThreads(): void {
    this.#inThreads = true;
    this.#keepThreads = true;
    clearTimeout(this.#lingering);
    const idle = this.#idle.length;
    for (let count = 0; count < idle && this.#semaphore.tryAcquire(); count++) this.give(this.#takeIdle());
  }

  /** From now on calls belong on the event loop; threads are kept a while. */
  moveToEventLoop(): void {
    this.#inThreads = false;
    this.#lingering = setTimeout(() => this.#dropThreads(), LINGER_MS);
  }

  /** Ends all threads and instances. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#lingering);
    for (const slot of this.#slots) {
      slot.local.close();
      this.#closeThread(slot);
    }
  }

  #takeIdle(): Slot {
    const slot = this.#idle.pop();
    if (slot === undefined) {
      throw new TypeError("Cannot take slot as a permit must stand for an idle one: received none");
    }
    return slot;
  }

  /** Starts a slot's thread, after those asked for before: each start holds up the event loop for some 13 ms. */
  async #giveThread(slot: Slot, outOfService: boolean): Promise<void> {
    slot.threadStarting = true;
    if (outOfService) this.#inService--;
    await (this.#threadStarts = this.#threadStarts.then(() => this.#tryThread(slot)));
    slot.threadStarting = false;
    if (!outOfService) return;
    this.#inService++;
    this.give(slot);
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

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
