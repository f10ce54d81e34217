/**
 * Which calls are quick enough to run on the event loop.
 *
 * Time a call takes there above {@linkcode SHORT_MS} is a debt that other calls and time pay off. Two calls of 20 ms among a
 * hundred short ones are too much, and so is a series of 3 ms ones, or one that ran into its deadline: the module is slow then.
 * One of 9 ms in three hundred is not, for a busy machine makes that of any call.
 *
 * Calls of a slow module go to threads if their cohort has been long: the others stay on the event loop (`cohorts.ts`). The module is
 * quick again once a series of calls in threads was short, or none was left to go there; if that was wrong, it stays slow for longer
 * the next time.
 *
 * @module
 */

import { Cohorts } from "./cohorts.ts";

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
/** How long no call has gone to a thread when none is needed any more. */
const DESERTED_MS = 60_000;

/** Watches how long a module's calls take. */
export class Pace {
  readonly #cohorts = new Cohorts();
  #alwaysSlow = false;
  #slow = false;
  /** What is owed to the event loop. */
  #debt = 0;
  #paidAt = 0;
  /** Calls in threads: how many the series has so far, and what they owe. */
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

  /** True for calls of a cohort most of which have been short of late. */
  isMostlyShort(cohort: number): boolean {
    return !this.#alwaysSlow && this.#cohorts.areMostlyShort(cohort);
  }

  /** False for calls of a cohort that has only been long of late: none of them is worth a try on the event loop. */
  mayBeShort(cohort: number): boolean {
    return this.#cohorts.mayBeShort(cohort);
  }

  /** True for a module that must not run on the event loop however short its calls are. */
  get alwaysSlow(): boolean {
    return this.#alwaysSlow;
  }

  /** From now on the module is slow for good: its instances start too slowly for the event loop. */
  banish(now: number): void {
    this.#alwaysSlow = true;
    if (!this.#slow) this.#begin(now);
  }

  /** Takes note of a call there that ended at `now` after `durationMs`: Infinity for one that ran into its deadline. */
  observeOnEventLoop(cohort: number, durationMs: number, now: number): void {
    this.#cohorts.observe(cohort, owedFor(durationMs));
    if (this.#slow && now - this.#lastInThreadAt > DESERTED_MS) this.#end(now);
    if (durationMs > SHORT_MS) this.#owe(durationMs, now);
    else if (this.#debt > 0) this.#debt -= PAID_PER_CALL_MS;
  }

  /** The same of a call that was ended there to be made anew in a thread: what it says of its cohort will be seen there. */
  observeCut(durationMs: number, now: number): void {
    if (durationMs > SHORT_MS) this.#owe(durationMs, now);
  }

  /** The same of a call in a thread. */
  observeInThread(cohort: number, durationMs: number, now: number): void {
    this.#cohorts.observe(cohort, owedFor(durationMs));
    this.#lastInThreadAt = now;
    if (durationMs === Infinity) {
      this.#overranAt = now;
      if (!this.#slow) this.#begin(now);
    }
    // It may have come there from the event loop, and the next one of its cohort would again.
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
