/**
 * Whether a module is quick enough to run on the event loop.
 *
 * Time a call takes there above {@linkcode SHORT_MS} is a debt that is forgiven slowly: two calls of 20 ms, or a series of 3 ms
 * ones, and the module goes to threads; one alone, which a busy machine makes out of any call, does not send it there, unless it
 * ran into its deadline. The module comes back once a series of calls in threads was short.
 *
 * @module
 */

/** Calls up to this long do the event loop no harm, in milliseconds. */
export const SHORT_MS = 1;

const MAX_DEBT_MS = 10;
/** Most that one call adds to the debt. */
const MAX_CALL_DEBT_MS = 6;
const FORGIVEN_PER_MS = 0.01;
/** Calls in threads that are judged together, the time above {@linkcode SHORT_MS} that they may take together and alone. */
const SERIES_CALLS = 500;
const MAX_SERIES_EXCESS_MS = 20;
const MAX_CALL_EXCESS_MS = 10;
/** Shortest stay in threads. */
const MIN_STAY_MS = 5_000;

/** Watches how long a module's calls take. */
export class Pace {
  #slow = false;
  #staysUntil = 0;
  #debt = 0;
  #debtAt = 0;
  #calls = 0;
  #excess = 0;
  #longestExcess = 0;

  /** True while the module belongs in threads. */
  get slow(): boolean {
    return this.#slow;
  }

  /** Takes note of a call that ended at `now` after `durationMs`: Infinity for one that ran into its deadline. */
  observe(durationMs: number, now: number): void {
    const excess = Math.max(0, durationMs - SHORT_MS);
    if (this.#slow) this.#observeInThreads(excess, now);
    else if (excess > 0) this.#observeOnLoop(excess, now);
  }

  #observeOnLoop(excess: number, now: number): void {
    const forgiven = (now - this.#debtAt) * FORGIVEN_PER_MS;
    const added = excess === Infinity ? MAX_DEBT_MS : Math.min(excess, MAX_CALL_DEBT_MS);
    this.#debt = Math.max(0, this.#debt - forgiven) + added;
    this.#debtAt = now;
    if (this.#debt < MAX_DEBT_MS) return;
    this.#slow = true;
    this.#staysUntil = now + MIN_STAY_MS;
    this.#debt = 0;
    this.#beginSeries();
  }

  #observeInThreads(excess: number, now: number): void {
    this.#calls++;
    this.#excess += excess;
    this.#longestExcess = Math.max(this.#longestExcess, excess);
    if (this.#calls < SERIES_CALLS) return;
    this.#slow = now < this.#staysUntil || this.#excess > MAX_SERIES_EXCESS_MS ||
      this.#longestExcess > MAX_CALL_EXCESS_MS;
    this.#beginSeries();
  }

  #beginSeries(): void {
    this.#calls = 0;
    this.#excess = 0;
    this.#longestExcess = 0;
  }
}
