/**
 * Looks at how much is in JSON text before anybody parses it: the engine's parser takes seconds and gigabytes for 16 MiB of brackets or
 * of short names, and cannot be stopped.
 *
 * @module
 */

import { MAX_COMMAS, MAX_DEPTH, MAX_MEMBERS, overLimit } from "./limits.ts";

const QUOTE = 0x22, COMMA = 0x2c, COLON = 0x3a, BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d, OPEN_BRACE = 0x7b, CLOSE_BRACE = 0x7d;
const WORD_BYTES = 4;

/**
 * Goes through `text` once. As far as it is JSON, it is read as a parser reads it; of what is none a parser reads no more than that.
 *
 * @throws {ProtocolError} `MESSAGE_OVER_LIMIT` for nesting beyond {@linkcode MAX_DEPTH}, more than {@linkcode MAX_MEMBERS} members or
 * {@linkcode MAX_COMMAS} commas.
 */
export function checkShape(text: Uint8Array): void {
  const { length } = text;
  const view = new DataView(text.buffer, text.byteOffset, length);
  let depth = 0, members = 0, commas = 0;
  for (let at = 0; at < length; at++) {
    const byte = text[at]!;
    if (byte === QUOTE) at = stringEnd(view, at + 1);
    else if (byte === COLON) {
      if (++members > MAX_MEMBERS) throw overLimit("the members of its objects", MAX_MEMBERS, "more");
    } else if (byte === COMMA) {
      if (++commas > MAX_COMMAS) throw overLimit("the commas in it", MAX_COMMAS, "more");
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > MAX_DEPTH) throw overLimit("its nesting", MAX_DEPTH, "deeper");
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
}

/** The place of the quote that closes the string whose first byte is at `at`, or a place past the end. */
function stringEnd(view: DataView, at: number): number {
  const length = view.byteLength;
  while (at < length) {
    if (at + WORD_BYTES <= length) {
      const special = specialBytes(view.getInt32(at, true));
      if (special === 0) {
        at += WORD_BYTES;
        continue;
      }
      at += (31 - Math.clz32(special & -special)) >> 3;
    }
    const byte = view.getUint8(at);
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** The top bit of each of a word's four bytes that is a quote or a backslash. Bits above the lowest one may be set for nothing. */
function specialBytes(word: number): number {
  const quotes = word ^ 0x22222222, backslashes = word ^ 0x5c5c5c5c;
  return ((quotes - 0x01010101) & ~quotes | (backslashes - 0x01010101) & ~backslashes) & 0x80808080;
}
