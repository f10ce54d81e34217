/**
 * Frames that wait to be handed to the system, with the age of what they answer.
 *
 * @module
 */

import { ByteWriter, PREFIX_BYTES } from "../protocol/mod.ts";
import { Stock } from "../stock.ts";

/** Most frames have left before there are more than these: as many numbers as V8 keeps within the heap. */
const FEW_FRAMES = 8;
/** Most memory of one that is kept for the next write, in bytes, and how many are kept: as many writes are rarely under way at a time. */
const KEPT_BYTES = 64 * 1024, KEPT = 64;

const spare = new Stock(() => new Outgoing(), KEPT);

/** Whole frames one after the other. */
export class Outgoing {
  /** Where a frame is put before {@linkcode Outgoing.framed} is called. */
  readonly bytes = new ByteWriter();
  /** When the event behind each frame arrived. Only the first `#count` entries are valid. */
  #arrivals = new Float64Array(FEW_FRAMES);
  #count = 0;
  #earliest = Infinity;

  /** An empty one. */
  static take(): Outgoing {
    return spare.take();
  }

  /** Forgets all frames, and leaves the memory to what is written next, on whichever connection. */
  release(): void {
    this.clear();
    if (this.bytes.capacity <= KEPT_BYTES) spare.give(this);
  }

  /** How many frames there are. */
  get count(): number {
    return this.#count;
  }

  /** When the first of the events arrived, on `performance.now()`; Infinity if none can be late. */
  get earliest(): number {
    return this.#earliest;
  }

  /** Says that a whole frame has been put, whose event arrived at `at`: Infinity for one that cannot be late. */
  framed(at: number): void {
    if (this.#count === this.#arrivals.length) this.#grow();
    this.#arrivals[this.#count++] = at;
    if (at < this.#earliest) this.#earliest = at;
  }

  /** Forgets all frames. */
  clear(): void {
    this.bytes.clear();
    this.#count = 0;
    this.#earliest = Infinity;
  }

  /** Forgets the frames whose events arrived before `time`; tells how many these were. */
  dropBefore(time: number): number {
    const bytes = this.bytes.written.slice();
    const view = new DataView(bytes.buffer);
    const arrivals = this.#arrivals.slice(0, this.#count);
    this.clear();
    let start = 0;
    for (const at of arrivals) {
      const end = start + PREFIX_BYTES + view.getUint32(start);
      if (at >= time) {
        this.bytes.put(bytes.subarray(start, end));
        this.framed(at);
      }
      start = end;
    }
    return arrivals.length - this.#count;
  }

  #grow(): void {
    const arrivals = new Float64Array(2 * this.#arrivals.length);
    arrivals.set(this.#arrivals);
    this.#arrivals = arrivals;
  }
}
