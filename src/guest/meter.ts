/**
 * What a guest counts: sums by name, handed on once for each call that ends well, however often it adds to them meanwhile.
 *
 * A call that fails adds nothing, because it may be made anew in another instance, and would count twice.
 *
 * @module
 */

import { escapeText } from "../escape.ts";

/** Most counters of a module. */
export const MAX_METRICS = 64;

/** Longest name of one, in bytes. */
export const MAX_METRIC_NAME = 64;

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Why something is not counted. */
export type Uncounted = "name" | "value" | "too many";

/** What must hold of what is counted, for people who read that it does not. */
export const UNCOUNTED_BECAUSE: Readonly<Record<Uncounted, string>> = {
  name: `its name must be a letter or underscore, then letters, digits and underscores, ${MAX_METRIC_NAME} at most`,
  value: "what is added must be finite and not negative",
  "too many": `a module may have ${MAX_METRICS} metrics`,
};

/** What one call has counted; survives structured clone, and JSON. */
export interface Measures {
  /** Name to what was added, in the order of their first use; more of them than a module may have is as good as one more. */
  readonly added: readonly (readonly [name: string, value: number])[];
  /** The first name of each kind that was not counted, escaped and cut. */
  readonly uncounted: readonly (readonly [why: Uncounted, name: string])[];
}

const decoder = new TextDecoder();

/** Counts for one instance. */
export class Meter {
  readonly #added = new Map<string, number>();
  readonly #uncounted = new Map<Uncounted, string>();

  /** Adds to a counter; `name` is read at once. */
  add(name: Uint8Array, value: number): void {
    const text = decoder.decode(name.subarray(0, MAX_METRIC_NAME + 1));
    if (name.length > MAX_METRIC_NAME || !NAME.test(text)) return this.#refuse("name", text);
    if (!(value >= 0 && value < Infinity)) return this.#refuse("value", text);
    const before = this.#added.get(text);
    // One more than allowed is kept, so that the pool, which knows the names of all instances, can report it.
    if (before === undefined && this.#added.size > MAX_METRICS) return;
    // Infinity would be lost in JSON.
    this.#added.set(text, Math.min((before ?? 0) + value, Number.MAX_VALUE));
  }

  /** What was counted since it was taken last, or undefined for nothing. */
  take(): Measures | undefined {
    if (this.#added.size === 0 && this.#uncounted.size === 0) return undefined;
    const measures = { added: [...this.#added], uncounted: [...this.#uncounted] };
    this.#added.clear();
    this.#uncounted.clear();
    return measures;
  }

  #refuse(why: Uncounted, name: string): void {
    if (!this.#uncounted.has(why)) this.#uncounted.set(why, escapeText(name, MAX_METRIC_NAME));
  }
}
