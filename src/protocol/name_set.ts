/**
 * The names in one object, to find one that stands there twice.
 *
 * @module
 */

const BUCKETS = 256;
const INITIAL_NAMES = 64;
/** Of FNV-1a, taken four bytes at a time. */
const PRIME = 0x01000193;
/** Names of all objects so far at which buckets are emptied: what is in them must fit 32 bits. */
const MAX_STAMP = 1 << 30;

/** A set of byte strings that lie in one buffer. */
export class NameSet {
  /** Last name of each bucket, as its stamp: its index after {@linkcode NameSet.#base}. Smaller ones are of objects before. */
  readonly #buckets = new Int32Array(BUCKETS);
  #base = 1;
  #count = 0;
  /** Three numbers a name: start, end, stamp of the name before it in its bucket. */
  #names = new Int32Array(3 * INITIAL_NAMES);

  /** Forgets all names. */
  clear(): void {
    this.#base += this.#count;
    this.#count = 0;
    if (this.#base < MAX_STAMP) return;
    this.#buckets.fill(0);
    this.#base = 1;
  }

  /** Takes the name from `start` to `end` of `view`; false if it was there before. */
  add(view: DataView, start: number, end: number): boolean {
    const hash = hashOf(view, start, end);
    const bucket = (hash ^ hash >>> 16) & (BUCKETS - 1);
    const last = this.#buckets[bucket]!;
    const base = this.#base;
    const names = this.#names;
    for (let stamp = last; stamp >= base;) {
      const at = (stamp - base) * 3;
      if (names[at + 1]! - names[at]! === end - start && areSame(view, names[at]!, start, end)) return false;
      stamp = names[at + 2]!;
    }
    const at = this.#count * 3;
    if (at === names.length) this.#grow();
    this.#names[at] = start;
    this.#names[at + 1] = end;
    this.#names[at + 2] = last;
    this.#buckets[bucket] = base + this.#count++;
    return true;
  }

  #grow(): void {
    const larger = new Int32Array(this.#names.length * 2);
    larger.set(this.#names);
    this.#names = larger;
  }
}

function hashOf(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = Math.imul(hash ^ view.getInt32(at, true), PRIME);
  for (; at < end; at++) hash = Math.imul(hash ^ view.getUint8(at), PRIME);
  return hash;
}

function areSame(view: DataView, other: number, start: number, end: number): boolean {
  let at = start;
  for (; at + 4 <= end; at += 4, other += 4) if (view.getInt32(at, true) !== view.getInt32(other, true)) return false;
  for (; at < end; at++, other++) if (view.getUint8(at) !== view.getUint8(other)) return false;
  return true;
}
