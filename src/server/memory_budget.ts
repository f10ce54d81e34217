/**
 * Bounds what all connections hold together: unfinished frames, and replies that their peers have not taken.
 *
 * A frame may have 16 MiB and its reply as much, and thousands of connections may each have one of them: what is bounded for one is not
 * yet bounded for all. What a proxy's connection holds is gone within milliseconds, so the connection
 * that has held something for longest is closed first.
 *
 * @module
 */

/** Most that connections of one event loop may hold, in bytes: eight of the longest frames, each in a buffer twice as large. */
export const MAX_HELD_BYTES: number = 256 * 1024 * 1024;

/** Holds something. */
export interface Holder {
  /** Gives it up, and the connection. */
  giveUp(): void;
}

/** Counts what is held. */
export class MemoryBudget {
  readonly #maxBytes: number;
  /** In the order in which they began to hold something. */
  readonly #held = new Map<Holder, number>();
  #bytes = 0;

  /** @param maxBytes What may be held together. */
  constructor(maxBytes = MAX_HELD_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Records what a holder holds now. If the sum is too large, those give up that have held something for longest. */
  hold(holder: Holder, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0);
    this.#held.set(holder, bytes);
    for (const [oldest] of this.#held) {
      if (this.#bytes <= this.#maxBytes) return;
      this.release(oldest);
      oldest.giveUp();
    }
  }

  /** Records that a holder holds nothing any more. */
  release(holder: Holder): void {
    this.#bytes -= this.#held.get(holder) ?? 0;
    this.#held.delete(holder);
  }
}
