/**
 * Decisions by the result bytes they were parsed from: most modules answer with a few results again and again.
 *
 * @module
 */

import type { Decision } from "../../protocol/mod.ts";

/** How many results are remembered at most, and how long each of them may be. */
const MAX_RESULTS = 512;
const MAX_REMEMBERED_BYTES = 4096;

interface Known {
  readonly bytes: Uint8Array;
  readonly decision: Decision;
}

/** Parses results, each once while it is remembered. */
export class ResultCache {
  readonly #parse: (result: Uint8Array) => Decision;
  readonly #known = new Map<number, Known>();
  // The last two looked up are compared first, because a module mostly answers to requests and to their responses in turn.
  #last: Known | undefined;
  #other: Known | undefined;

  /** @param parse Keeps no hold of the bytes. */
  constructor(parse: (result: Uint8Array) => Decision) {
    this.#parse = parse;
  }

  /** The decision in a result. The bytes are not kept. Throws what parsing throws. */
  readonly accept = (result: Uint8Array): Decision => {
    if (this.#last !== undefined && sameBytes(this.#last.bytes, result)) return this.#last.decision;
    if (this.#other !== undefined && sameBytes(this.#other.bytes, result)) return this.#other.decision;
    if (result.length > MAX_REMEMBERED_BYTES) return this.#parse(result);
    const hash = hashOf(result);
    let known = this.#known.get(hash);
    if (known === undefined || !sameBytes(known.bytes, result)) {
      known = { decision: this.#parse(result), bytes: result.slice() };
      // All of them go at once, and not the oldest, so that a module whose results never repeat costs next to nothing.
      if (this.#known.size >= MAX_RESULTS) this.#known.clear();
      this.#known.set(hash, known);
    }
    this.#other = this.#last;
    this.#last = known;
    return known.decision;
  };
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
