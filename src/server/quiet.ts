/**
 * When nothing comes in any more.
 *
 * @module
 */

/**
 * Looks that must find nothing new. Between two of them the event loop has asked the system, but it may run a timer before it hands
 * on what the system has answered: a third look comes after that.
 */
const LOOKS = 3;

/** Watches a count that goes up with whatever comes in. */
export class Quiet {
  #count: number | undefined;
  #looks = 0;

  /** True once the last looks, each in another turn of the event loop, have all found the same count. */
  look(count: number): boolean {
    this.#looks = count === this.#count ? this.#looks + 1 : 1;
    this.#count = count;
    return this.#looks >= LOOKS;
  }

  /** What has been seen counts no more. */
  reset(): void {
    this.#count = undefined;
  }
}
