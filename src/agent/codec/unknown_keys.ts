/**
 * Keys of results that mean nothing here: each told once, so that a typing error is not taken for "not given".
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import { RESULT_KEYS } from "./result.ts";

/** Most keys told of and kept: a module could make up a new one for each call. */
export const MAX_TOLD = 64;

/** A key seen for the first time. */
export interface UnknownKey {
  /** Escaped and cut. */
  readonly key: string;
  /** The known key that it comes closest to. */
  readonly nearest: string;
  /** True if no more keys are told of after this one. */
  readonly last: boolean;
}

/** Remembers what has been told. */
export class UnknownKeys {
  readonly #told = new Set<string>();
  readonly #onUnknown: (key: UnknownKey) => void;

  /** @param onUnknown Must not throw. */
  constructor(onUnknown: (key: UnknownKey) => void) {
    this.#onUnknown = onUnknown;
  }

  /** Tells of those that have not been seen before. */
  see(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.#told.size >= MAX_TOLD || this.#told.has(key)) continue;
      this.#told.add(key);
      this.#onUnknown({ key, nearest: closestString(key, RESULT_KEYS), last: this.#told.size === MAX_TOLD });
    }
  }
}
