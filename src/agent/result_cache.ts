/**
 * Decisions by the result text they were parsed from: most modules answer with a few texts again and again.
 *
 * @module
 */

import type { Decision } from "../protocol/mod.ts";
import { parseResult } from "./result.ts";

/** Most texts remembered, and the longest one, in characters. */
const MAX_TEXTS = 512;
const MAX_TEXT_LENGTH = 4096;

/** Parses results, each text once while it is remembered. */
export class ResultCache {
  readonly #decisions = new Map<string, Decision>();

  /**
   * The decision in `text`.
   *
   * @throws {GuestError} as {@linkcode parseResult} does.
   */
  readonly accept = (text: string): Decision => {
    const known = this.#decisions.get(text);
    if (known !== undefined) return known;
    const decision = parseResult(text);
    if (text.length <= MAX_TEXT_LENGTH) {
      // All at once and not the oldest: a module whose texts never repeat then costs next to nothing.
      if (this.#decisions.size >= MAX_TEXTS) this.#decisions.clear();
      this.#decisions.set(text, decision);
    }
    return decision;
  };
}
