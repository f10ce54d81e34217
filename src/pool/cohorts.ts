/**
 * Which cohorts (calls taken to last alike) of a slow module are short nevertheless.
 *
 * A cohort earns credit by each short call and loses it by each long one; enough credit proves it. At first each cohort is believed
 * that has not lost more than it has earned. How much is enough grows each time that this trust has turned out to be worth nothing:
 * for a module that is slow now and then whatever it is asked, no cohort is ever proven in the end. Beside that, each has a share:
 * how many of its last calls were short, for a cohort whose runaways are few among many calls in order.
 *
 * @module
 */

/** Cohorts are kept apart by this many lowest bits of a mixed hash; those that share a place share its credit. */
const PLACES = 1024;
/** Credit that is asked for after the first doubt; doubled by each further one. */
const FIRST_PROOF = 16;
const MAX_PROOF = 1 << 20;
/** Short calls that make up for one millisecond of long ones, and most that are kept beyond the proof. */
const CREDIT_PER_MS = 20;
const MAX_SURPLUS = 300;
/** A share of 1; a short call adds an eighth of what is missing to it, a long one takes half. */
const WHOLE = 255;
/** The least share of a cohort whose calls are mostly short: two long ones in a row leave a quarter of a whole one. */
const MOSTLY = 64;

/** Credit of the cohorts of calls of one module. */
export class Cohorts {
  readonly #credits = new Int32Array(PLACES);
  readonly #shares = new Uint8Array(PLACES);
  #proof = 0;

  /** True for a cohort that has proven to be short, or has not been doubted yet. */
  areShort(cohort: number): boolean {
    return this.#credits[placeOf(cohort)]! >= this.#proof;
  }

  /** True for a cohort of whose last calls more were short than not, and that a runaway may be among. */
  areMostlyShort(cohort: number): boolean {
    return this.#shares[placeOf(cohort)]! >= MOSTLY;
  }

  /** False for a cohort that has not had a short call since one that cost it all its credit. */
  mayBeShort(cohort: number): boolean {
    return this.#credits[placeOf(cohort)]! > -MAX_SURPLUS;
  }

  /** Takes note of a call that took `longMs` milliseconds longer than a short one may; 0 for a short one. */
  observe(cohort: number, longMs: number): void {
    const place = placeOf(cohort);
    const credit = this.#credits[place]! + (longMs > 0 ? -longMs * CREDIT_PER_MS : 1);
    this.#credits[place] = Math.max(-MAX_SURPLUS, Math.min(credit, this.#proof + MAX_SURPLUS));
    const share = this.#shares[place]!;
    this.#shares[place] = longMs > 0 ? share >> 1 : share + (WHOLE + 7 - share >> 3);
  }

  /** Proofs have turned out to be worth nothing: from now on it takes twice as much. */
  doubt(): void {
    this.#credits.fill(0);
    this.#shares.fill(0);
    this.#proof = Math.min(Math.max(this.#proof * 2, FIRST_PROOF), MAX_PROOF);
  }

  /** Believes each cohort again that has not lost more than it has earned. */
  trust(): void {
    this.#proof = 0;
  }
}

function placeOf(cohort: number): number {
  return (cohort ^ cohort >>> 10 ^ cohort >>> 20) & PLACES - 1;
}
