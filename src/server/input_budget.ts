/**
 * Bounds what the unfinished frames of all connections hold together.
 *
 * A frame may have 16 MiB, and thousands of connections may each have begun one: what is bounded for one is not yet bounded for all.
 * Frames of a proxy are whole within milliseconds, so the one that has been unfinished for longest is the one to give up.
 *
 * @module
 */

/** Most that unfinished frames of one event loop may hold, in bytes: eight of the longest, each in a buffer twice as large. */
export const MAX_UNFINISHED_BYTES: number = 256 * 1024 * 1024;

/** Holds an unfinished frame. */
export interface FrameHolder {
  /** Gives the frame up, and the connection. */
  giveUp(): void;
}

/** Counts what is held. */
export class InputBudget {
  readonly #maxBytes: number;
  /** In the order in which the frames began. */
  readonly #held = new Map<FrameHolder, number>();
  #bytes = 0;

  /** @param maxBytes What may be held together. */
  constructor(maxBytes = MAX_UNFINISHED_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Takes note of what a holder holds now; the holders of the oldest frames give up if that is too much. */
  hold(holder: FrameHolder, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0);
    this.#held.set(holder, bytes);
    for (const [oldest] of this.#held) {
      if (this.#bytes <= this.#maxBytes) return;
      this.release(oldest);
      oldest.giveUp();
    }
  }

  /** Takes note that a holder holds no unfinished frame any more. */
  release(holder: FrameHolder): void {
    this.#bytes -= this.#held.get(holder) ?? 0;
    this.#held.delete(holder);
  }
}
