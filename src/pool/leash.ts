/**
 * How long a call may hold up the event loop while there are threads to take it over.
 *
 * A call that comes to the end of its leash is ended, and made anew in a thread with what is left of its deadline: one that never
 * ends then costs the others a few milliseconds, and not its whole deadline. Each such call uses up some of what the next may take,
 * which comes back with time: where many follow each other, they get next to nothing.
 *
 * A module whose calls are in order but longer than the leash, at their first run for example, gets a longer one.
 *
 * @module
 */

/** Part of a call's deadline that is its leash at first; the rest is left for the thread. */
const PART = 1 / 4;
/** The longest first leash, in milliseconds. */
const MAX_FIRST_MS = 10;
/** What a call gets at least: a hundred times as long as the usual one takes. */
export const LEAST_LEASH_MS = 2;
/** What comes back in a millisecond: calls that are ended hold up the event loop for a quarter of its time at most. */
const REGAINED_PER_MS = 0.25;

/** The leash of one module's calls. */
export class Leash {
  readonly #timeoutMs: number;
  /** What a call gets at first, in milliseconds. */
  readonly firstMs: number;
  #fullMs: number;
  #leftMs: number;
  #spentAt = -Infinity;

  /** @param timeoutMs What a call may take in all. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.firstMs = Math.max(LEAST_LEASH_MS, Math.min(timeoutMs * PART, MAX_FIRST_MS));
    this.#fullMs = this.#leftMs = this.firstMs;
  }

  /** What a call may take that begins at `now`, in milliseconds. */
  at(now: number): number {
    if (this.#leftMs >= this.#fullMs) return this.#fullMs;
    const regained = this.#leftMs + (now - this.#spentAt) * REGAINED_PER_MS;
    if (regained < this.#fullMs) return Math.max(LEAST_LEASH_MS, regained);
    return this.#leftMs = this.#fullMs;
  }

  /** Takes note of a call that was ended at `now`, `ms` after its begin. */
  spend(ms: number, now: number): void {
    this.#leftMs = Math.max(0, this.at(now) - ms);
    this.#spentAt = now;
  }

  /** A call that had `grantedMs` and was ended has been answered by a thread: the leash is too short for the module. */
  lengthen(grantedMs: number): void {
    if (grantedMs < this.#fullMs) return;
    this.#fullMs = Math.min(2 * this.#fullMs, this.#timeoutMs);
  }

  /** A call that was ended has run into its deadline in a thread too: the leash is as short as at first. */
  reset(): void {
    this.#fullMs = this.firstMs;
    this.#leftMs = Math.min(this.#leftMs, this.#fullMs);
  }
}
