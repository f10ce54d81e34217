/**
 * Whether a connection's peer keeps it waiting, with a frame that the peer has begun or with replies that it does not read, and how much
 * memory that takes meanwhile.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import type { FrameBuffer } from "../protocol/mod.ts";
import { lastNow } from "../time.ts";
import type { Holder, MemoryBudget } from "./memory_budget.ts";
import type { Output } from "./output.ts";

/** How long a peer may neither go on with a frame nor take anything of its replies, in milliseconds. */
export const STALLED_MS = 10_000;
/** How long a frame may take to arrive, in milliseconds, however steadily it comes. */
const FRAME_MS = 30_000;
/** An unfinished frame, or replies that the peer has not read, are not counted up to this size, in bytes. */
const SMALL_BYTES = 64 * 1024;

/** Watches one connection's peer. */
export class PeerWatch {
  readonly #input: FrameBuffer;
  readonly #output: Output;
  readonly #budget: MemoryBudget;
  readonly #holder: Holder;
  /** When the last bytes came, and when the unfinished frame began: Infinity without one. */
  #readAt = Infinity;
  #frameBegan = Infinity;
  /** True while something is counted. */
  #holds = false;

  /** @param holder Gives up if several connections hold more than `budget` together, and this one for longest. */
  constructor(input: FrameBuffer, output: Output, budget: MemoryBudget, holder: Holder) {
    this.#input = input;
    this.#output = output;
    this.#budget = budget;
    this.#holder = holder;
  }

  /** True while there is an unfinished frame, or replies are being written. */
  get waits(): boolean {
    return this.#frameBegan < Infinity || this.#output.writing;
  }

  /** Bytes that are held for the peer. */
  get heldBytes(): number {
    const { waitingBytes } = this.#output;
    const { capacity } = this.#input;
    return (this.#frameBegan < Infinity && capacity > SMALL_BYTES ? capacity : 0) +
      (waitingBytes > SMALL_BYTES ? waitingBytes : 0);
  }

  /** To be called after each read. `begun` is true if an unfinished frame is another one than after the read before. */
  lookAtInput(begun: boolean): void {
    const unfinished = this.#frameBegan < Infinity;
    if (this.#input.partial) {
      this.#readAt = lastNow();
      if (begun || !unfinished) this.#frameBegan = this.#readAt;
    } else {
      if (!unfinished) return;
      this.#frameBegan = Infinity;
    }
    this.#count();
  }

  /** To be called after each flush. */
  lookAtOutput(): void {
    if (this.#holds || this.#output.waitingBytes > SMALL_BYTES) this.#count();
  }

  /** What the peer fails to do at `time`, or undefined if nothing. @param reading True while bytes of the peer are waited for. */
  failureAt(time: number, reading: boolean): ProtocolError | undefined {
    const unfinished = reading && this.#input.partial;
    if (unfinished && time - this.#readAt > STALLED_MS) return stalled("send more of its frame", STALLED_MS);
    if (unfinished && time - this.#frameBegan > FRAME_MS) return stalled("finish its frame", FRAME_MS);
    if (time - this.#output.progressAt > STALLED_MS) return stalled("take its replies", STALLED_MS);
  }

  /** Nothing is held any more. */
  release(): void {
    this.#budget.release(this.#holder);
  }

  #count(): void {
    const bytes = this.heldBytes;
    if (bytes > 0) this.#budget.hold(this.#holder, bytes);
    else if (this.#holds) this.#budget.release(this.#holder);
    this.#holds = bytes > 0;
  }
}

function stalled(what: string, afterMs: number): ProtocolError {
  return new ProtocolError(
    "PEER_STALLED",
    `Cannot keep connection as its peer must ${what} within ${afterMs} ms: received less`,
  );
}
