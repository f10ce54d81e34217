/**
 * For which requests a module was passed over, so that it is passed over for their responses, too: of a response a proxy tells neither
 * path nor method nor host.
 *
 * The events of a request may come on several connections, and so on several event loops, which share this table. Nothing tells when a
 * request is over, so the rows are used again and again. A request whose row has been lost to another's counts as one for which no
 * module was passed over.
 *
 * | word (i32) of a row | meaning |
 * |---|---|
 * | 0 | tag: a second hash of the correlation id; 0 while the row is being written |
 * | 1 | one bit for each module that was passed over |
 *
 * @module
 */

/** Requests that are remembered at most: seconds of them, at 10,000 a second. */
const ROWS = 65_536;
const ROW = 2, TAG = 0, BITS = 1;

/** Most modules of one table: a bit each. */
export const MAX_MODULES = 32;

/** Memory for a table, to be shared with other threads. */
export function createPassedOver(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(ROWS * ROW * Int32Array.BYTES_PER_ELEMENT));
}

/** One thread's view of a table. */
export class PassedOver {
  readonly #words: Int32Array;

  /** A view of what {@linkcode createPassedOver} has made, in this thread or another. */
  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** Says for a request whether a module was passed over. */
  put(correlationId: string, module: number, passedOver: boolean): void {
    const { row, tag } = placeOf(correlationId);
    const words = this.#words;
    const known = Atomics.load(words, row + TAG) === tag;
    if (!known && !passedOver) return;
    const before = known ? Atomics.load(words, row + BITS) : 0;
    Atomics.store(words, row + TAG, 0);
    Atomics.store(words, row + BITS, passedOver ? before | 1 << module : before & ~(1 << module));
    Atomics.store(words, row + TAG, tag);
  }

  /** True if a module is known to have been passed over for a request. */
  has(correlationId: string, module: number): boolean {
    const { row, tag } = placeOf(correlationId);
    const words = this.#words;
    if (Atomics.load(words, row + TAG) !== tag) return false;
    const bits = Atomics.load(words, row + BITS);
    // Another thread may have written in between.
    return Atomics.load(words, row + TAG) === tag && (bits >>> module & 1) === 1;
  }
}

/** Two hashes of an id, which start and multiply differently. */
function placeOf(id: string): { readonly row: number; readonly tag: number } {
  let place = 0x811c9dc5;
  let tag = 0x9e3779b9;
  for (let at = 0; at < id.length; at++) {
    const unit = id.charCodeAt(at);
    place = Math.imul(place ^ unit, 0x01000193);
    tag = Math.imul(tag ^ unit, 0x85ebca6b);
    tag ^= tag >>> 13;
  }
  return { row: ((place ^ place >>> 16) & ROWS - 1) * ROW, tag: tag | 1 };
}
