/**
 * How long a call may hold up the event loop while there are threads to take it over.
 *
 * A call that comes to the end of its leash is ended there, and made anew in a thread with the time that it has left. So a call that
 * never ends costs the others a few milliseconds, and not its whole deadline. Each such call shortens the leash of the calls that
 * follow, and time makes it longer again: where many such calls follow each other, they get next to nothing.
 *
 * If the calls of a module end in order but take longer than the leash, for example when its code first runs, then it gets a longer
 * leash.
 *
 * @module
 */

/** The part of a call's time that its leash is at first. The rest is left for the thread. */
const PART = 1 / 4;
/** The longest first leash, in milliseconds. */
const MAX_FIRST_MS = 10;
/** The part of a call's time that its leash is at most, and the longest leash, in milliseconds: others wait for that long. */
const MAX_PART = 1 / 2, MAX_MS = 40;
/** The part of its time after which a call that holds up few others is ended for certain: the rest is left for those others. */
const LATEST_PART = 3 / 4;
/** What a call gets at least: a hundred times as long as the usual one takes. */
export const LEAST_LEASH_MS = 2;
/** Milliseconds that the leash regains in a millisecond: calls that are ended take a quarter of the event loop's time at most. */
const REGAINED_PER_MS = 0.25;

/** The leash of one module's calls. */
export class Leash {
  /** What a call gets at first, in milliseconds. */
  readonly firstMs: number;
  /** What a call gets at most, in milliseconds: one of a module whose first calls are long, and one that holds up few others. */
  readonly longestMs: number;
  /**
   * After how many milliseconds a call that holds up few others is ended for certain. It is ended at the watchdog's first look after
   * {@linkcode longestMs}, and nobody wakes the watchdog for that: while calls are few, its looks are most of what it costs.
   */
  readonly latestMs: number;
  #fullMs: number;
  #leftMs: number;
  #spentAt = -Infinity;

  /** @param timeoutMs What a call may take in all. */
  constructor(timeoutMs: number) {
    this.firstMs = Math.max(LEAST_LEASH_MS, Math.min(timeoutMs * PART, MAX_FIRST_MS));
    this.longestMs = Math.max(LEAST_LEASH_MS, Math.min(timeoutMs * MAX_PART, MAX_MS));
    this.latestMs = Math.max(LEAST_LEASH_MS, Math.min(timeoutMs * LATEST_PART, MAX_MS));
    this.#fullMs = this.#leftMs = this.firstMs;
  }

  /** What a call may take that begins at `now`, in milliseconds. */
  at(now: number): number {
    if (this.#leftMs >= this.#fullMs) return this.#fullMs;
    const regained = this.#leftMs + (now - this.#spentAt) * REGAINED_PER_MS;
    if (regained < this.#fullMs) return Math.max(LEAST_LEASH_MS, regained);
    return this.#leftMs = this.#fullMs;
  }

  /** Shortens the leash by a call that ended at `now`, `ms` milliseconds after it had begun. */
  spend(ms: number, now: number): void {
    this.#leftMs = Math.max(0, this.at(now) - ms);
    this.#spentAt = now;
  }

  /** Says that a thread has soon answered a call that was ended after `grantedMs`: the leash is too short for the module. */
  lengthen(grantedMs: number): void {
    if (grantedMs < this.#fullMs) return;
    this.#fullMs = Math.min(2 * this.#fullMs, this.longestMs);
  }

  /** Says that a call that was ended has run into its deadline in a thread, too: the leash is made as short as at first. */
  reset(): void {
    this.#fullMs = this.firstMs;
    this.#leftMs = Math.min(this.#leftMs, this.#fullMs);
  }
}
