/**
 * Keys of results that mean nothing here: each told once, so that a typing error is not taken for "not given".
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import type { Observer } from "../../ops/mod.ts";

/** How many keys are told of and kept at most, because a module could make up a new one for each call. */
export const MAX_TOLD = 64;

/** Remembers which keys have been told. */
export class UnknownKeys {
  readonly #told = new Set<string>();
  readonly #module: string;
  readonly #observer: Observer;
  readonly #known: readonly string[];

  /** Tells the observer of keys in results of the module with this name, which are none of the known ones. */
  constructor(module: string, observer: Observer, known: readonly string[]) {
    this.#known = known;
    this.#module = module;
    this.#observer = observer;
  }

  /** Tells of those that have not been seen before. */
  see(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.#told.size >= MAX_TOLD || this.#told.has(key)) continue;
      this.#told.add(key);
      const nearest = closestString(key, [...this.#known]);
      this.#observer.unknownKey?.({ module: this.#module, key, nearest, last: this.#told.size === MAX_TOLD });
    }
  }
}
