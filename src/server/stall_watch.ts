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

/** Looks again and again at all connections while one of them waits for its peer. */
export class StallWatch {
  readonly #connections: () => Iterable<Stallable>;
  readonly #sweepMs: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param connections Those that there are. They need not be told apart by whether they wait: most frames that come in two pieces are
   * whole at once, and to note them one by one would hold on to their connections.
   * @param sweepMs Time between two looks, in milliseconds.
   */
  constructor(connections: () => Iterable<Stallable>, sweepMs = SWEEP_MS) {
    this.#connections = connections;
    this.#sweepMs = sweepMs;
  }

  /** To be called when a connection may begin to wait. */
  wake(): void {
    this.#timer ??= setInterval(() => this.#sweep(), this.#sweepMs);
  }

  /** Looks no more. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    const time = now();
    let waits = false;
    for (const connection of this.#connections()) waits = connection.closeIfStalled(time) || waits;
    if (!waits) this.close();
  }
}
