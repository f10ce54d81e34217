/**
 * When nothing comes in any more.
 *
 * @module
 */

/**
 * How many looks in a row must find nothing new. Between two looks the event loop has asked the system for input, but it may run a timer
 * before it passes on what the system has answered. The third look comes after that.
 */
const LOOKS = 3;

/** Watches a count that grows with everything that comes in. */
export class Quiet {
  #count: number | undefined;
  #looks = 0;

  /** True once the last looks, each in another turn of the event loop, have all found the same count. */
  look(count: number): boolean {
    this.#looks = count === this.#count ? this.#looks + 1 : 1;
    this.#count = count;
    return this.#looks >= LOOKS;
  }

  /** Forgets the looks so far. */
  reset(): void {
    this.#count = undefined;
  }
}
