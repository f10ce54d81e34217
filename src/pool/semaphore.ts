/**
 * A fixed number of permits, handed out in the order they were asked for.
 *
 * @module
 */

import { PoolError } from "../errors.ts";

/** How long and whether to go on waiting. */
export interface AcquireOptions {
  /** Longest wait in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

interface Waiter {
  resolve(): void;
  reject(error: PoolError): void;
}

/** An asynchronous counting semaphore with a bounded queue. */
export class Semaphore {
  #free: number;
  readonly #maxWaiting: number;
  readonly #waiters = new Set<Waiter>();

  /**
   * @param permits Permits free at first: a whole number, 0 or more. @param maxWaiting Most waiters at a time, likewise.
   * @throws {TypeError} for any other number.
   */
  constructor(permits: number, maxWaiting: number) {
    checkCount("permits", permits);
    checkCount("maxWaiting", maxWaiting);
    this.#free = permits;
    this.#maxWaiting = maxWaiting;
  }

  /** Permits that nobody holds. */
  get free(): number {
    return this.#free;
  }

  /** Waiters in the queue. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Takes a permit if one is free and nobody waits. */
  tryAcquire(): boolean {
    if (this.#free === 0 || this.#waiters.size > 0) return false;
    this.#free--;
    return true;
  }

  /**
   * Takes a permit, after all who asked before.
   *
   * @throws {PoolError} `POOL_QUEUE_FULL`, `POOL_WAIT_TIMEOUT` or `POOL_WAIT_ABORTED`.
   */
  async acquire({ timeoutMs, signal }: AcquireOptions): Promise<void> {
    if (signal?.aborted) throw aborted();
    if (this.tryAcquire()) return;
    if (this.#waiters.size >= this.#maxWaiting) {
      throw new PoolError(
        "POOL_QUEUE_FULL",
        `Cannot wait for an instance as at most ${this.#maxWaiting} may wait (--queue-size): received one more`,
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { resolve, reject };
    this.#waiters.add(waiter);
    // It leaves the queue at once, because a release in the same step must not go to a waiter that has given up.
    const timer = setTimeout(() => this.#waiters.delete(waiter) && reject(timedOut(timeoutMs)), Math.max(0, timeoutMs));
    const onAbort = () => this.#waiters.delete(waiter) && reject(aborted());
    signal?.addEventListener("abort", onAbort);
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Gives a permit back: to the first in the queue, if there is one. */
  release(): void {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      waiter.resolve();
      return;
    }
    this.#free++;
  }
}

function checkCount(name: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw new TypeError(`Cannot make semaphore as '${name}' must be a whole number, 0 or more: received ${count}`);
}

function aborted(): PoolError {
  return new PoolError(
    "POOL_WAIT_ABORTED",
    "Cannot wait for an instance as the call must be wanted: received a cancellation",
  );
}

function timedOut(timeoutMs: number): PoolError {
  return new PoolError(
    "POOL_WAIT_TIMEOUT",
    `Cannot wait for an instance as one must come free within ${
      Math.round(timeoutMs)
    } ms (--timeout-ms): received none`,
  );
}
