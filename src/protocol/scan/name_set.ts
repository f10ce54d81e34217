/**
 * The names in one object, to find a name that stands there twice.
 *
 * The sender of a request chooses its names. No choice must cost more than its length, so each name is hashed once, as a whole, and names
 * are never compared: two names with the same hash are taken for the same. That is wrong for one head in 100,000 with the most names
 * possible, so the caller must look closer when a name seems to stand there twice. A chain is followed for a few steps only.
 *
 * @module
 */

/** Most names of an object: Pingora, which the proxies are built on, takes 256 headers. */
export const MAX_NAMES = 256;
const BUCKETS = 256;
/** How far a hash is shifted for its bucket: each of the last four bytes of a name has reached the bits above. */
const BUCKET_SHIFT = 9;
/** Longest chain that is followed. Of 256 names that nobody has chosen for it, 17 fall into one bucket once in 10^12 heads. */
const MAX_STEPS = 16;
/**
 * The second of xxHash's primes for 32 bits.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
const PRIME = 0x85ebca77;
/** When this many names have been added in total, the buckets are emptied, so that stamps stay within 32 bits. */
const MAX_STAMP = 1 << 30;

/** A set of byte strings that lie in one buffer. */
export class NameSet {
  /** The last name of each bucket, as its stamp: {@linkcode NameSet.#base} and its index. Smaller stamps are of objects before. */
  readonly #buckets = new Int32Array(BUCKETS);
  #base = 1;
  #count = 0;
  /** Two numbers for each name: its hash, and the stamp of the name before it in its bucket. */
  readonly #names = new Int32Array(2 * MAX_NAMES);

  /** Forgets all names. */
  clear(): void {
    this.#base += this.#count;
    this.#count = 0;
    if (this.#base < MAX_STAMP) return;
    this.#buckets.fill(0);
    this.#base = 1;
  }

  /** Takes the name from `start` to `end` of `view`; false if it may have been there before, or there are too many. */
  add(view: DataView, start: number, end: number): boolean {
    if (this.#count === MAX_NAMES) return false;
    const hash = hashOf(view, start, end);
    const bucket = (hash >>> BUCKET_SHIFT) & (BUCKETS - 1);
    const last = this.#buckets[bucket]!;
    const base = this.#base;
    const names = this.#names;
    let steps = 0;
    for (let stamp = last; stamp >= base;) {
      const at = (stamp - base) * 2;
      if (names[at] === hash || ++steps > MAX_STEPS) return false;
      stamp = names[at + 1]!;
    }
    const at = this.#count * 2;
    names[at] = hash;
    names[at + 1] = last;
    this.#buckets[bucket] = base + this.#count++;
    return true;
  }
}

/**
 * Reads four bytes at a time, and none twice but for up to three of the last. Every byte reaches the bits that choose a bucket: names
 * that differ little, as `x-1` and `x-2` do, must not share one.
 */
export function hashOf(view: DataView, start: number, end: number): number {
  // The length is mixed in first, because "20000" and "100000" end alike.
  let hash = Math.imul(end - start, PRIME);
  if (end - start < 4) {
    for (let at = start; at < end; at++) hash = mixed(hash, view.getUint8(at));
  } else {
    const last = end - 4;
    for (let at = start; at < last; at += 4) hash = mixed(hash, view.getInt32(at, true));
    hash = mixed(hash, view.getInt32(last, true));
  }
  return hash;
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, PRIME);
  return product ^ product >>> 15;
}
