/**
 * Decisions by the result bytes they were parsed from: most modules answer with a few results again and again.
 *
 * @module
 */

import type { Decision } from "../../protocol/mod.ts";

/** How many results are remembered at most, and how long each of them may be. */
const MAX_RESULTS = 512;
const MAX_REMEMBERED_BYTES = 4096;
const WORD_BYTES = 4;

interface Known {
  /** Of the result, in bytes. */
  readonly length: number;
  /** The result, with zeros up to a whole word. */
  readonly words: Int32Array;
  readonly decision: Decision;
}

/** Parses results, each once while it is remembered. */
export class ResultCache {
  readonly #parse: (result: Uint8Array) => Decision;
  readonly #known = new Map<number, Known>();
  // The last two looked up are compared first, because a module mostly answers to requests and to their responses in turn.
  #last: Known | undefined;
  #other: Known | undefined;
  /** The result that is looked up: one word is compared in the time of one byte, and the guest's bytes may begin anywhere. */
  readonly #words = new Int32Array(MAX_REMEMBERED_BYTES / WORD_BYTES + 1);
  readonly #bytes = new Uint8Array(this.#words.buffer);

  /** @param parse Keeps no hold of the bytes. */
  constructor(parse: (result: Uint8Array) => Decision) {
    this.#parse = parse;
  }

  /** The decision in a result. The bytes are not kept. Throws what parsing throws. */
  readonly accept = (result: Uint8Array): Decision => {
    const { length } = result;
    if (length > MAX_REMEMBERED_BYTES) return this.#parse(result);
    this.#words[Math.trunc(length / WORD_BYTES)] = 0;
    this.#bytes.set(result);
    if (this.#last !== undefined && this.#is(this.#last, length)) return this.#last.decision;
    if (this.#other !== undefined && this.#is(this.#other, length)) return this.#other.decision;
    const count = Math.ceil(length / WORD_BYTES);
    const hash = hashOf(this.#words, count);
    let known = this.#known.get(hash);
    if (known === undefined || !this.#is(known, length)) {
      known = { decision: this.#parse(result), length, words: this.#words.slice(0, count) };
      // All of them go at once, and not the oldest, so that a module whose results never repeat costs next to nothing.
      if (this.#known.size >= MAX_RESULTS) this.#known.clear();
      this.#known.set(hash, known);
    }
    this.#other = this.#last;
    this.#last = known;
    return known.decision;
  };

  /** True for the result that is looked up, which has `length` bytes. */
  #is(known: Known, length: number): boolean {
    if (known.length !== length) return false;
    const { words } = known;
    const wanted = this.#words;
    for (let at = 0; at < words.length; at++) if (words[at] !== wanted[at]) return false;
    return true;
  }
}

/** FNV-1a, of words instead of bytes. A product carries differences upwards only, so they are folded back after each word. */
function hashOf(words: Int32Array, count: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < count; at++) {
    const product = Math.imul(hash ^ words[at]!, 0x01000193);
    hash = product ^ product >>> 15;
  }
  return hash;
}
