/**
 * Closes connections whose peer has stopped halfway. No timer runs while no connection waits for its peer. So an idle agent never wakes
 * up, and a busy one need not set a timer each time it waits for its sockets.
 *
 * @module
 */

import { now } from "../time.ts";

const SWEEP_MS = 1_000;

/** A connection that can be told the time. */
export interface Stallable {
  /** Closes it if its peer has taken too long; false once there is nothing to wait for. */
  closeIfStalled(time: number): boolean;
}

/** Looks again and again at connections that wait for their peers. */
export class StallWatch {
  readonly #watched = new Set<Stallable>();
  readonly #sweepMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param sweepMs Time between two looks, in milliseconds. */
  constructor(sweepMs = SWEEP_MS) {
    this.#sweepMs = sweepMs;
  }

  /** Watches a connection until it has nothing to wait for. */
  add(connection: Stallable): void {
    this.#watched.add(connection);
    this.#timer ??= setInterval(() => this.#sweep(), this.#sweepMs);
  }

  /** Watches no more. */
  close(): void {
    this.#watched.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    const time = now();
    for (const connection of this.#watched) {
      if (!connection.closeIfStalled(time)) this.#watched.delete(connection);
    }
    if (this.#watched.size === 0) this.close();
  }
}
