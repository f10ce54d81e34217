/**
 * Whether a module is quick enough to run on the event loop.
 *
 * Time a call takes above {@linkcode SHORT_MS} is a debt; it is forgiven slowly. One call of 20 ms, or a series of 4 ms ones, and
 * the module goes to threads; one of 2 ms, which a busy machine makes out of any call, does not.
 *
 * @module
 */

/** Calls up to this long do the event loop no harm, in milliseconds. */
export const SHORT_MS = 1;

const MAX_DEBT_MS = 10;
const FORGIVEN_PER_MS = 0.01;
const CALM_MS = 5_000;
const CALM_CALLS = 500;

/** Watches how long a module's calls take. */
export class Pace {
  #debt = 0;
  #lastAt = 0;
  #lastLongAt = -Infinity;
  #shortCalls = 0;
  #slow = false;

  /** True while the module belongs in threads. */
  get slow(): boolean {
    return this.#slow;
  }

  /** Takes note of a call that ended at `now` after `durationMs`. */
  observe(durationMs: number, now: number): void {
    if (durationMs <= SHORT_MS) {
      if (this.#slow && ++this.#shortCalls >= CALM_CALLS && now - this.#lastLongAt >= CALM_MS) {
        this.#slow = false;
        this.#debt = 0;
      }
      return;
    }
    this.#debt = Math.max(0, this.#debt - (now - this.#lastAt) * FORGIVEN_PER_MS) + durationMs - SHORT_MS;
    this.#lastAt = now;
    this.#shortCalls = 0;
    if (this.#debt < MAX_DEBT_MS) return;
    this.#lastLongAt = now;
    this.#slow = true;
  }
}
