/**
 * Whether a module is quick enough to run on the event loop.
 *
 * Time a call takes there above {@linkcode SHORT_MS} is a debt that other calls and time pay off. Two calls of 20 ms among a
 * hundred short ones are too much, and so is a series of 3 ms ones, or one that ran into its deadline: the module goes to threads.
 * One of 9 ms in three hundred is not, for a busy machine makes that of any call. The module comes back once a series of calls in
 * threads was short; if it was wrong to, it stays longer the next time.
 *
 * @module
 */

/** Calls up to this long do the event loop no harm, in milliseconds. */
export const SHORT_MS = 1;

const MAX_DEBT_MS = 25;
/** Most that one call adds, and what each call and each millisecond pays off. */
const MAX_CALL_DEBT_MS = 15;
const PAID_PER_CALL_MS = 0.05;
const PAID_PER_MS = 0.02;
/** Calls in threads that are judged together, and the debt they may make together. */
const SERIES_CALLS = 500;
const MAX_SERIES_DEBT_MS = 50;
/** Shortest stay in threads; doubled for a module that comes to the event loop and is sent away again within a minute. */
const FIRST_STAY_MS = 5_000;
const MAX_STAY_MS = 300_000;
const RELAPSE_MS = 60_000;

/** Watches how long a module's calls take. */
export class Pace {
  #slow = false;
  /** On the event loop: what is owed now. In threads: what the series so far has made. */
  #debt = 0;
  #paidAt = 0;
  #calls = 0;
  #stayMs = FIRST_STAY_MS;
  #movedAt = -Infinity;
  #overranAt = -Infinity;

  /** True while the module belongs in threads. */
  get slow(): boolean {
    return this.#slow;
  }

  /** Takes note of a call that ended at `now` after `durationMs`: Infinity for one that ran into its deadline. */
  observe(durationMs: number, now: number): void {
    if (this.#slow) this.#observeInThreads(durationMs, now);
    else if (durationMs > SHORT_MS) this.#observeLong(durationMs, now);
    else if (this.#debt > 0) this.#debt -= PAID_PER_CALL_MS;
  }

  #observeLong(durationMs: number, now: number): void {
    const owed = Math.max(0, this.#debt - (now - this.#paidAt) * PAID_PER_MS);
    this.#paidAt = now;
    this.#debt = owed + (durationMs === Infinity ? MAX_DEBT_MS : debtOf(durationMs));
    if (this.#debt < MAX_DEBT_MS) return;
    this.#stayMs = now - this.#movedAt < RELAPSE_MS ? Math.min(this.#stayMs * 2, MAX_STAY_MS) : FIRST_STAY_MS;
    this.#move(true, now);
  }

  #observeInThreads(durationMs: number, now: number): void {
    if (durationMs === Infinity) this.#overranAt = now;
    this.#debt += durationMs === Infinity ? Infinity : debtOf(durationMs);
    if (++this.#calls < SERIES_CALLS) return;
    const stayedMs = now - Math.max(this.#movedAt, this.#overranAt);
    if (this.#debt <= MAX_SERIES_DEBT_MS && stayedMs >= this.#stayMs) this.#move(false, now);
    this.#beginSeries();
  }

  #move(slow: boolean, now: number): void {
    this.#slow = slow;
    this.#movedAt = now;
    this.#beginSeries();
  }

  #beginSeries(): void {
    this.#debt = 0;
    this.#calls = 0;
  }
}

function debtOf(durationMs: number): number {
  return Math.max(0, Math.min(durationMs - SHORT_MS, MAX_CALL_DEBT_MS));
}
