/**
 * Decisions by the result bytes they were parsed from: most modules answer with a few results again and again.
 *
 * @module
 */

import { GuestError } from "../errors.ts";
import type { Decision } from "../protocol/mod.ts";
import { parseResult } from "./result.ts";

/** Most results remembered, and the longest one, in bytes. */
const MAX_RESULTS = 512;
const MAX_RESULT_BYTES = 4096;

interface Known {
  readonly bytes: Uint8Array;
  readonly decision: Decision;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Parses results, each once while it is remembered. */
export class ResultCache {
  readonly #known = new Map<number, Known>();
  #last: Known | undefined;

  /**
   * The decision in a result. The bytes are not kept.
   *
   * @throws {GuestError} `GUEST_BAD_RESULT`, as {@linkcode parseResult} does, and for what is not UTF-8.
   */
  readonly accept = (result: Uint8Array): Decision => {
    if (this.#last !== undefined && sameBytes(this.#last.bytes, result)) return this.#last.decision;
    if (result.length > MAX_RESULT_BYTES) return parseResult(decode(result));
    const hash = hashOf(result);
    let known = this.#known.get(hash);
    if (known === undefined || !sameBytes(known.bytes, result)) {
      known = { decision: parseResult(decode(result)), bytes: result.slice() };
      // All at once and not the oldest: a module whose results never repeat then costs next to nothing.
      if (this.#known.size >= MAX_RESULTS) this.#known.clear();
      this.#known.set(hash, known);
    }
    this.#last = known;
    return known.decision;
  };
}

function decode(result: Uint8Array): string {
  try {
    return decoder.decode(result);
  } catch {
    throw new GuestError("GUEST_BAD_RESULT", "Cannot use result as it must be UTF-8: received other bytes");
  }
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
