/**
 * The names in one object, to find one that stands there twice.
 *
 * @module
 */

/** Most names of an object, so that not even names made to fall into one bucket take long to compare. */
export const MAX_NAMES = 256;
const BUCKETS = 256;
const PRIME = 0x01000193;
/** Names of all objects so far at which buckets are emptied: what is in them must fit 32 bits. */
const MAX_STAMP = 1 << 30;

/** A set of byte strings that lie in one buffer. */
export class NameSet {
  /** Last name of each bucket, as its stamp: its index after {@linkcode NameSet.#base}. Smaller ones are of objects before. */
  readonly #buckets = new Int32Array(BUCKETS);
  #base = 1;
  #count = 0;
  /** Four numbers a name: hash, start, end, stamp of the name before it in its bucket. */
  readonly #names = new Int32Array(4 * MAX_NAMES);

  /** Forgets all names. */
  clear(): void {
    this.#base += this.#count;
    this.#count = 0;
    if (this.#base < MAX_STAMP) return;
    this.#buckets.fill(0);
    this.#base = 1;
  }

  /** Takes the name from `start` to `end` of `view`; false if it was there before, or there are too many. */
  add(view: DataView, start: number, end: number): boolean {
    if (this.#count === MAX_NAMES) return false;
    const hash = hashOf(view, start, end);
    const bucket = (hash >>> 24) & (BUCKETS - 1);
    const last = this.#buckets[bucket]!;
    const base = this.#base;
    const names = this.#names;
    for (let stamp = last; stamp >= base;) {
      const at = (stamp - base) * 4;
      if (names[at] === hash && areSame(view, names[at + 1]!, names[at + 2]!, start, end)) return false;
      stamp = names[at + 3]!;
    }
    const at = this.#count * 4;
    names[at] = hash;
    names[at + 1] = start;
    names[at + 2] = end;
    names[at + 3] = last;
    this.#buckets[bucket] = base + this.#count++;
    return true;
  }
}

/** Of the length, the first four bytes and the last four: in those nearly all headers differ. */
function hashOf(view: DataView, start: number, end: number): number {
  const length = end - start;
  if (length >= 4) {
    return Math.imul(Math.imul(view.getInt32(start, true) ^ length, PRIME) ^ view.getInt32(end - 4, true), PRIME);
  }
  let hash = length;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), PRIME);
  return hash;
}

function areSame(view: DataView, otherStart: number, otherEnd: number, start: number, end: number): boolean {
  if (otherEnd - otherStart !== end - start) return false;
  for (let at = start, other = otherStart; at < end; at++, other++) {
    if (view.getUint8(at) !== view.getUint8(other)) return false;
  }
  return true;
}
