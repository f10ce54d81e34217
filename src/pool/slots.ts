/**
 * Hosts taken and given back one at a time; one whose instance is finished comes back with another.
 *
 * @module
 */

import type { Host } from "./host.ts";
import { type AcquireOptions, Semaphore } from "./semaphore.ts";
import { sleep } from "./sleep.ts";

/** What slots are made of. */
export interface SlotsOptions<H extends Host> {
  /** Most calls that wait for a host. */
  readonly queueSize: number;
  /** A host with a new instance, to take the place of one whose instance is finished; undefined if there is to be none. */
  readonly renew: (host: H) => Promise<H | undefined>;
  /** Told when that fails; it is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 5_000;

/** Hosts of one kind. */
export class Slots<H extends Host> {
  readonly #options: SlotsOptions<H>;
  readonly #semaphore: Semaphore;
  readonly #hosts = new Set<H>();
  /** Hosts whose permit nobody holds. */
  readonly #idle: H[] = [];
  /** Hosts that are kept; those above are let go of. */
  #kept = Infinity;
  #closed = false;

  /** Has no host before {@linkcode Slots.add}. */
  constructor(options: SlotsOptions<H>) {
    this.#options = options;
    this.#semaphore = new Semaphore(0, options.queueSize);
  }

  /** All hosts, those at work and those being renewed included. */
  get hosts(): ReadonlySet<H> {
    return this.#hosts;
  }

  /** Hosts that are idle while nobody waits for them. */
  get free(): number {
    return this.#semaphore.free;
  }

  /** Calls that wait for a host. */
  get waiting(): number {
    return this.#semaphore.waiting;
  }

  /** One more host, which serves from now on. */
  add(host: H): void {
    this.#hosts.add(host);
    this.give(host);
  }

  /** A host, if one is idle and nobody waits. */
  tryTake(): H | undefined {
    return this.#semaphore.tryAcquire() ? this.#takeIdle() : undefined;
  }

  /** A host, after all who asked before. @throws {PoolError} as {@linkcode Semaphore.acquire} does. */
  async take(options: AcquireOptions): Promise<H> {
    await this.#semaphore.acquire(options);
    return this.#takeIdle();
  }

  /** Gives a host back. */
  give(host: H): void {
    if (this.#closed) host.close();
    else if (this.#hosts.size > this.#kept && this.#semaphore.waiting === 0) return this.#remove(host);
    this.#idle.push(host);
    this.#semaphore.release();
  }

  /** Gives a host back with a new instance, tried again and again until one starts. */
  async renew(host: H): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !this.#closed; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        const renewed = await this.#options.renew(host);
        if (renewed === undefined) return this.#remove(host);
        this.#hosts.delete(host);
        return this.add(renewed);
      } catch (error) {
        if (this.#closed) break;
        this.#options.onTrouble(error);
        await sleep(retryMs);
      }
    }
    this.give(host);
  }

  /** Gives a host a new instance out of turn, if it is idle: its own is lost. */
  replaceIdle(host: H): void {
    const at = this.#idle.indexOf(host);
    if (at < 0 || !this.#semaphore.tryAcquire()) return;
    this.#idle.splice(at, 1);
    this.renew(host);
  }

  /** Keeps the hosts that are idle now out of service until then. */
  async rest(until: Promise<unknown>): Promise<void> {
    const resting: H[] = [];
    for (let host = this.tryTake(); host !== undefined; host = this.tryTake()) resting.push(host);
    await until;
    for (const host of resting) this.give(host);
  }

  /** Keeps so many hosts from now on, and lets go of others: of those at work when they are given back and nobody waits for them. */
  keep(count: number): void {
    this.#kept = count;
    while (this.#hosts.size > count) {
      const host = this.tryTake();
      if (host === undefined) return;
      this.#remove(host);
    }
  }

  /** Ends all hosts. */
  close(): void {
    this.#closed = true;
    for (const host of this.#hosts) host.close();
  }

  #takeIdle(): H {
    const host = this.#idle.pop();
    if (host === undefined) {
      throw new TypeError("Cannot take host as a permit must stand for an idle one: received none");
    }
    return host;
  }

  #remove(host: H): void {
    this.#hosts.delete(host);
    host.close();
  }
}
