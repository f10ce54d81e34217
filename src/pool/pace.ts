/**
 * Which calls are quick enough to run on the event loop.
 *
 * The time that a call takes there above {@linkcode SHORT_MS} is a debt, which other calls and time pay off. When the debt is too
 * high, the module is slow: two calls of 20 ms among a hundred short ones are too much, and so is a series of calls of 3 ms, or one
 * call that ran into its deadline. One call of 9 ms in three hundred is not, because a busy machine makes any call last that long.
 *
 * While a module is slow, calls go to threads if their cohort has been long, and all others stay on the event loop (`cohorts.ts`). The
 * module is quick again once a series of calls in threads was short, or once no call has gone there for a while. If that was wrong, it
 * stays slow for longer the next time.
 *
 * @module
 */

import { Cohorts } from "./cohorts.ts";

/** Calls up to this long do the event loop no harm, in milliseconds. */
export const SHORT_MS = 1;

const MAX_DEBT_MS = 25;
/** The most that one call adds to the debt, and what each short call and each millisecond pays off. */
const MAX_CALL_DEBT_MS = 15;
const PAID_PER_CALL_MS = 0.05;
const PAID_PER_MS = 0.02;
/** How many calls in threads are judged together, and how much debt they may make together. */
const SERIES_CALLS = 500;
const MAX_SERIES_DEBT_MS = 50;
/** The shortest stay in threads. It doubles each time that a module comes back to the event loop and is slow again within a minute. */
const FIRST_STAY_MS = 5_000;
const MAX_STAY_MS = 300_000;
const RELAPSE_MS = 60_000;
/** Once no call has gone to a thread for this long, no thread is needed any more. */
const DESERTED_MS = 60_000;

/** Watches how long a module's calls take. */
export class Pace {
  readonly #cohorts = new Cohorts();
  /** True for a module that must not run on the event loop however short its calls are. */
  #alwaysSlow = false;
  #slow = false;
  /** Milliseconds by which calls have exceeded {@linkcode SHORT_MS}, minus what has been paid off. */
  #debt = 0;
  #paidAt = 0;
  /** The number of calls in the present series in threads, and the debt that they have made. */
  #seriesCalls = 0;
  #seriesDebt = 0;
  #stayMs = FIRST_STAY_MS;
  #movedAt = -Infinity;
  #overranAt = -Infinity;
  #lastInThreadAt = -Infinity;

  /** True while the module needs threads. */
  get slow(): boolean {
    return this.#slow;
  }

  /** True while calls of a cohort belong in threads. */
  isLong(cohort: number): boolean {
    return this.#slow && (this.#alwaysSlow || !this.#cohorts.areShort(cohort));
  }

  /** True for a cohort most of whose calls have been short of late. */
  isMostlyShort(cohort: number): boolean {
    return !this.#alwaysSlow && this.#cohorts.areMostlyShort(cohort);
  }

  /** False for a cohort whose calls have only been long of late: none of them is worth a try on the event loop. */
  mayBeShort(cohort: number): boolean {
    return this.#cohorts.mayBeShort(cohort);
  }

  /** From now on the module is slow for good, because its instances take too long to start on the event loop. */
  banish(now: number): void {
    this.#alwaysSlow = true;
    if (!this.#slow) this.#begin(now);
  }

  /** Counts a call on the event loop that ended at `now` after `durationMs`, which is Infinity if it ran into its deadline. */
  observeOnEventLoop(cohort: number, durationMs: number, now: number): void {
    this.#cohorts.observe(cohort, owedFor(durationMs));
    if (this.#slow && now - this.#lastInThreadAt > DESERTED_MS) this.#end(now);
    if (durationMs > SHORT_MS) this.#owe(durationMs, now);
    else if (this.#debt > 0) this.#debt -= PAID_PER_CALL_MS;
  }

  /** Counts a call that was ended on the event loop to be made anew in a thread. What it says of its cohort is seen there. */
  observeCut(durationMs: number, now: number): void {
    if (durationMs > SHORT_MS) this.#owe(durationMs, now);
  }

  /** Counts a call in a thread, in the same way. */
  observeInThread(cohort: number, durationMs: number, now: number): void {
    this.#cohorts.observe(cohort, owedFor(durationMs));
    this.#lastInThreadAt = now;
    if (durationMs === Infinity) {
      this.#overranAt = now;
      if (!this.#slow) this.#begin(now);
    }
    // The call may have come to the thread from the event loop, and the next one of its cohort would come the same way.
    if (!this.#slow && durationMs > SHORT_MS) this.#owe(durationMs, now);
    if (!this.#slow) return;
    this.#seriesDebt += owedFor(durationMs);
    if (++this.#seriesCalls < SERIES_CALLS) return;
    const stayedMs = now - Math.max(this.#movedAt, this.#overranAt);
    if (this.#seriesDebt <= MAX_SERIES_DEBT_MS && stayedMs >= this.#stayMs) this.#end(now);
    this.#seriesCalls = this.#seriesDebt = 0;
  }

  #owe(durationMs: number, now: number): void {
    const owed = Math.max(0, this.#debt - (now - this.#paidAt) * PAID_PER_MS);
    this.#paidAt = now;
    this.#debt = owed + owedFor(durationMs);
    if (this.#debt < MAX_DEBT_MS) return;
    this.#debt = 0;
    if (this.#slow) this.#cohorts.doubt();
    else this.#begin(now);
  }

  #begin(now: number): void {
    const relapse = now - this.#movedAt < RELAPSE_MS;
    this.#stayMs = relapse ? Math.min(this.#stayMs * 2, MAX_STAY_MS) : FIRST_STAY_MS;
    if (!relapse) this.#cohorts.trust();
    this.#slow = true;
    this.#movedAt = this.#lastInThreadAt = now;
    this.#seriesCalls = this.#seriesDebt = 0;
  }

  #end(now: number): void {
    if (this.#alwaysSlow) return;
    this.#slow = false;
    this.#movedAt = now;
  }
}

function owedFor(durationMs: number): number {
  if (durationMs === Infinity) return Infinity;
  return Math.max(0, Math.min(durationMs - SHORT_MS, MAX_CALL_DEBT_MS));
}
