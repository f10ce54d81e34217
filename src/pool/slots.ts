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
  /** A host with a new instance, to take the place of one whose instance is finished. */
  readonly renew: (host: H) => Promise<H>;
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
  #retiring = false;
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
    else if (this.#retiring && this.#semaphore.waiting === 0) return this.#remove(host);
    this.#idle.push(host);
    this.#semaphore.release();
  }

  /** Gives a host back with a new instance, tried again and again until one starts. */
  async renew(host: H): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !this.#closed; retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)) {
      try {
        const renewed = await this.#options.renew(host);
        this.#hosts.delete(host);
        return this.add(renewed);
      } catch (error) {
        this.#options.onTrouble(error);
        await sleep(retryMs);
      }
    }
    this.give(host);
  }

  /** Keeps the hosts that are idle now out of service until then. */
  async rest(until: Promise<unknown>): Promise<void> {
    const resting: H[] = [];
    for (let host = this.tryTake(); host !== undefined; host = this.tryTake()) resting.push(host);
    await until;
    for (const host of resting) this.give(host);
  }

  /** Lets go of all hosts: of those at work when they are given back and nobody waits for them. */
  retire(): void {
    this.#retiring = true;
    for (let host = this.tryTake(); host !== undefined; host = this.tryTake()) this.#remove(host);
  }

  /** Keeps hosts from now on, those at work included. */
  keep(): void {
    this.#retiring = false;
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
