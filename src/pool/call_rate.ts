/**
 * Whether calls are few: then one that takes long holds up few others, which are soon answered once it has been ended.
 *
 * @module
 */

const WINDOW_MS = 100;
/** At most so many in a window. */
const FEW = 100;

/** Counts the calls of one pool. */
export class CallRate {
  #began = -Infinity;
  /** More than few until a whole window has passed. */
  #calls = Infinity;
  #few = false;

  /** True while calls are few. */
  get few(): boolean {
    return this.#few;
  }

  /** Counts a call that begins at `time`, in milliseconds. */
  count(time: number): void {
    if (time - this.#began >= WINDOW_MS) {
      this.#few = this.#calls <= FEW;
      this.#began = time;
      this.#calls = 0;
    }
    if (++this.#calls > FEW) this.#few = false;
  }
}
