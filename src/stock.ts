/**
 * Things that are needed again and again for a moment: what one has done with, the next one takes, instead of making another.
 *
 * @module
 */

/** A few that nobody uses at the moment. */
export class Stock<T> {
  readonly #make: () => T;
  readonly #most: number;
  readonly #spare: T[] = [];

  /** @param make Makes one where none is left. @param most So many are kept. */
  constructor(make: () => T, most: number) {
    this.#make = make;
    this.#most = most;
  }

  /** One that nobody else uses, as its last user has left it. */
  take(): T {
    return this.#spare.pop() ?? this.#make();
  }

  /** Gives one back that was taken; nobody may use it from now on. */
  give(one: T): void {
    if (this.#spare.length < this.#most) this.#spare.push(one);
  }
}
