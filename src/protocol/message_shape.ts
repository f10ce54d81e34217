/**
 * The shape that a message's JSON may have.
 *
 * @module
 */

import { measureJson } from "../json_shape.ts";
import { MAX_COMMAS, MAX_DEPTH, MAX_MEMBERS, overLimit } from "./limits.ts";

const LIMITS = { members: MAX_MEMBERS, commas: MAX_COMMAS, depth: MAX_DEPTH };

/**
 * Looks at `text` before it is parsed.
 *
 * @throws {ProtocolError} `MESSAGE_OVER_LIMIT` for nesting beyond {@linkcode MAX_DEPTH}, more than {@linkcode MAX_MEMBERS} members or
 * {@linkcode MAX_COMMAS} commas.
 */
export function checkShape(text: Uint8Array): void {
  const { members, commas, depth } = measureJson(text, LIMITS);
  if (members > MAX_MEMBERS) throw overLimit("the members of its objects", MAX_MEMBERS, "more");
  if (commas > MAX_COMMAS) throw overLimit("the commas in it", MAX_COMMAS, "more");
  if (depth > MAX_DEPTH) throw overLimit("its nesting", MAX_DEPTH, "deeper");
}
