/**
 * A socket without a system underneath: gives out frames as fast as they are read, swallows what is written.
 *
 * @module
 */

import type { Socket } from "../../../src/server/connection.ts";

/** Ends after a number of frames. */
export class MemorySocket implements Socket {
  readonly #first: Uint8Array;
  readonly #burst: Uint8Array;
  readonly #perRead: number;
  readonly #frameBytes: number;
  #left: number;
  #begun = false;
  /** Bytes written so far. */
  written = 0;

  /**
   * @param first Read before all else; may be empty. @param frame Read again and again. @param perRead Frames that arrive
   * together. @param count Frames in all.
   */
  constructor(first: Uint8Array, frame: Uint8Array, perRead: number, count: number) {
    this.#first = first;
    this.#frameBytes = frame.length;
    this.#perRead = perRead;
    this.#burst = new Uint8Array(frame.length * perRead);
    for (let index = 0; index < perRead; index++) this.#burst.set(frame, index * frame.length);
    this.#left = count;
  }

  read(target: Uint8Array): Promise<number | null> {
    if (!this.#begun && this.#first.length > 0) {
      this.#begun = true;
      target.set(this.#first);
      return Promise.resolve(this.#first.length);
    }
    if (this.#left === 0) return Promise.resolve(null);
    const frames = Math.min(this.#perRead, this.#left);
    this.#left -= frames;
    const bytes = frames * this.#frameBytes;
    if (bytes > target.length) throw new RangeError("a burst must fit into one read");
    target.set(frames === this.#perRead ? this.#burst : this.#burst.subarray(0, bytes));
    return Promise.resolve(bytes);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.written += bytes.length;
    return Promise.resolve(bytes.length);
  }

  close(): void {}
}
