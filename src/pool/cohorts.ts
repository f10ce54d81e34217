/**
 * Tells which cohorts of a slow module are short nevertheless. A cohort is all calls that are taken to last alike.
 *
 * A cohort earns credit by each short call and loses credit by each long one. With enough credit it is proven to be short. At first
 * a cohort is believed unless it has lost more than it has earned. Each time that this trust turns out to be worth nothing, twice as
 * much credit is asked for: if a module is slow now and then whatever it is asked, then no cohort of it is proven in the end. Beside
 * its credit, each cohort has a share, which says how many of its last calls were short: this tells a cohort that has a runaway now
 * and then from one that is slow.
 *
 * @module
 */

/** Number of places for cohorts, found by the lowest bits of a mixed hash. Cohorts that fall on one place share its credit. */
const PLACES = 1024;
/** Credit that is asked for after the first doubt. Each further doubt doubles it, up to the maximum. */
const FIRST_PROOF = 16;
const MAX_PROOF = 1 << 20;
/** How many short calls make up for one millisecond of long ones, and how much credit is kept at most beyond the proof. */
const CREDIT_PER_MS = 20;
const MAX_SURPLUS = 300;
/** A share of 1. A short call adds an eighth of what is missing to it, and a long call halves it. */
const WHOLE = 255;
/** The least share of a cohort whose calls are mostly short: after two long calls in a row a whole share is down to a quarter. */
const MOSTLY = 64;

/** Credit of the cohorts of calls of one module. */
export class Cohorts {
  readonly #credits = new Int32Array(PLACES);
  readonly #shares = new Uint8Array(PLACES);
  #proof = 0;

  /** True for a cohort that is proven to be short, or that nobody has had reason to doubt. */
  areShort(cohort: number): boolean {
    return this.#credits[placeOf(cohort)]! >= this.#proof;
  }

  /** True for a cohort most of whose last calls were short, even if there was a runaway among them. */
  areMostlyShort(cohort: number): boolean {
    return this.#shares[placeOf(cohort)]! >= MOSTLY;
  }

  /** False for a cohort that has not had a short call since one that cost it all its credit. */
  mayBeShort(cohort: number): boolean {
    return this.#credits[placeOf(cohort)]! > -MAX_SURPLUS;
  }

  /** Counts a call that took `longMs` milliseconds longer than a short call may take: 0 for a short call. */
  observe(cohort: number, longMs: number): void {
    const place = placeOf(cohort);
    const credit = this.#credits[place]! + (longMs > 0 ? -longMs * CREDIT_PER_MS : 1);
    this.#credits[place] = Math.max(-MAX_SURPLUS, Math.min(credit, this.#proof + MAX_SURPLUS));
    const share = this.#shares[place]!;
    this.#shares[place] = longMs > 0 ? share >> 1 : share + (WHOLE + 7 - share >> 3);
  }

  /** Says that calls believed to be short were long again: from now on a proof takes twice as much credit. */
  doubt(): void {
    this.#credits.fill(0);
    this.#shares.fill(0);
    this.#proof = Math.min(Math.max(this.#proof * 2, FIRST_PROOF), MAX_PROOF);
  }

  /** Believes each cohort again, unless it has lost more than it has earned. */
  trust(): void {
    this.#proof = 0;
  }
}

function placeOf(cohort: number): number {
  return (cohort ^ cohort >>> 10 ^ cohort >>> 20) & PLACES - 1;
}
