/**
 * How often something may happen within a second, counted in memory that all threads share.
 *
 * | word (i32) | meaning |
 * |---|---|
 * | 0 | the second that is counted, in seconds since 1970 |
 * | 1 | how often it was asked for within that second |
 * | 2 | how often it was refused since that was last told |
 *
 * @module
 */

const SECOND = 0, ASKED = 1, REFUSED = 2;

/** The words of a limit; they survive structured clone as the same memory. */
export type RateWords = Int32Array<SharedArrayBuffer>;

/** Words of a limit under which nothing has happened yet. */
export function createRate(): RateWords {
  return new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
}

/**
 * One thread's view of a limit. Two threads that begin a second at the same moment may let a few more through.
 */
export class RateLimit {
  readonly #words: RateWords;
  readonly #perSecond: number;
  readonly #time: () => number;

  /** @param time Milliseconds since 1970: the one clock that is the same in all threads. */
  constructor(words: RateWords, perSecond: number, time: () => number = Date.now) {
    this.#words = words;
    this.#perSecond = perSecond;
    this.#time = time;
  }

  /** True if it may happen once more; else it is counted. */
  admit(): boolean {
    const second = Math.floor(this.#time() / 1000) | 0;
    if (Atomics.load(this.#words, SECOND) !== second) {
      Atomics.store(this.#words, SECOND, second);
      Atomics.store(this.#words, ASKED, 0);
    }
    if (Atomics.add(this.#words, ASKED, 1) < this.#perSecond) return true;
    Atomics.add(this.#words, REFUSED, 1);
    return false;
  }

  /** How often it was refused, in any thread, since somebody took the number last. */
  takeRefused(): number {
    return Atomics.exchange(this.#words, REFUSED, 0);
  }
}
