/**
 * Where calls of one module run, and for how long one may hold up the event loop: by what is known of the module's calls, by what long
 * calls and those that had to be ended have cost, by whether there are threads, and by how many events there are to hold up.
 *
 * @module
 */

import { eventRate } from "../event_rate.ts";
import { now } from "../time.ts";
import { type Leash, LEAST_LEASH_MS } from "./leash.ts";
import { Pace, SHORT_MS } from "./pace.ts";
import type { ThreadSlots } from "./thread_slots.ts";

/** The threads that there may be. */
export type ThreadSupply = Pick<ThreadSlots, "available" | "want" | "release">;

/** Places one module's calls. */
export class Placement {
  readonly #threads: ThreadSupply;
  readonly #onMoved: (inThreads: boolean) => void;
  readonly #pace = new Pace();
  #inThreads = false;
  /** What a call on the event loop gets while there are threads to take it over. */
  readonly leash: Leash;

  /** @param onMoved Told when calls begin to go to threads, and when they cease to. */
  constructor(leash: Leash, threads: ThreadSupply, onMoved: (inThreads: boolean) => void) {
    this.leash = leash;
    this.#threads = threads;
    this.#onMoved = onMoved;
  }

  /** True while the module needs threads. */
  get inThreads(): boolean {
    return this.#inThreads;
  }

  /**
   * Without threads the event loop goes on, with a pause after each long call. With them it tries those first that are long only now
   * and then, as long as there is enough of the leash: threads give way to other programs, and may be busy with a call that never ends.
   */
  belongsInThread(cohort: number): boolean {
    if (!this.#pace.isLong(cohort) || !this.#threads.available) return false;
    return !this.#pace.isMostlyShort(cohort) || !this.leashIsLong;
  }

  /** False for a cohort whose calls have only been long of late: none of them is worth a try on the event loop. */
  mayBeShort(cohort: number): boolean {
    return this.#pace.mayBeShort(cohort);
  }

  /** True while long calls and those that had to be ended have left enough of the leash for another try on the event loop. */
  get leashIsLong(): boolean {
    return this.leash.at(now()) >= this.leash.firstMs / 2;
  }

  /** How long a call that begins at `time` may hold up many others: hardly at all if its cohort has only been long of late. */
  leashOf(cohort: number, time: number): number {
    const leashMs = this.leash.at(time);
    const quick = !this.#inThreads;
    if (!this.#threads.available) return Infinity;
    return quick || this.#pace.mayBeShort(cohort) ? leashMs : LEAST_LEASH_MS;
  }

  /** True if a call that may hold up many others for `manyMs` may hold up the few that there are for longer. */
  holdsUpFew(manyMs: number): boolean {
    // All is looked at each time: V8 throws the code away that meets what it had not seen when it compiled it.
    const { few } = eventRate;
    const { available } = this.#threads;
    const quick = !this.#inThreads && manyMs >= this.leash.firstMs;
    return few && available && quick;
  }

  /**
   * Counts a call that ended on the event loop at `endedAt`, after `tookMs`.
   *
   * @param overran True if it had to be ended.
   * @param cut True if it had to, and had time left to be made anew in a thread. What it says of its cohort is seen there.
   */
  observeOnEventLoop(cohort: number, tookMs: number, endedAt: number, overran: boolean, cut: boolean): void {
    if (overran || this.#inThreads && tookMs > SHORT_MS) this.leash.spend(tookMs, endedAt);
    if (cut) this.#pace.observeCut(tookMs, endedAt);
    else this.#pace.observeOnEventLoop(cohort, overran ? Infinity : tookMs, endedAt);
    this.#follow();
  }

  /** Counts a call in a thread that ended at `endedAt`, after `tookMs`, which is Infinity if it had to be ended. */
  observeInThread(cohort: number, tookMs: number, endedAt: number): void {
    this.#pace.observeInThread(cohort, tookMs, endedAt);
    this.#follow();
  }

  /** From now on calls go to threads for good, because instances take too long to start on the event loop. */
  banish(): void {
    this.#pace.banish(now());
    this.#follow();
  }

  #follow(): void {
    const { slow } = this.#pace;
    if (slow === this.#inThreads) return;
    this.#inThreads = slow;
    this.#onMoved(slow);
    if (slow) this.#threads.want();
    else this.#threads.release();
  }
}
