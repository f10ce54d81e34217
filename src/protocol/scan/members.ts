/**
 * Goes once more over members that a scan has taken, for readers that need more of them than modules usually get. Because all of the
 * text has been checked, nothing is checked again.
 *
 * @module
 */

import { METADATA_STRINGS } from "../head.ts";
import type { Span } from "./json_cursor.ts";

const QUOTE = 0x22, COMMA = 0x2c, COLON = 0x3a, BACKSLASH = 0x5c, CLOSE_BRACE = 0x7d;

/** Visits headers one after the other, those of HTTP/2 (`:path`) left out. */
export class HeaderWalk {
  readonly #bytes: Uint8Array;
  #next: number;
  #nameEnd = 0;
  /** The opening quote of the header's name. */
  start = 0;
  /** The bracket that opens the list of its values. */
  valuesStart = 0;
  /** Just past the bracket that closes it. */
  end = 0;

  /** @param membersStart Where the first header begins, or the brace that closes an object without any. */
  constructor(bytes: Uint8Array, membersStart: number) {
    this.#bytes = bytes;
    this.#next = membersStart;
  }

  /** Goes on to the next header; false if there is none. */
  next(): boolean {
    const bytes = this.#bytes;
    while (bytes[this.#next] === QUOTE) {
      this.start = this.#next;
      this.#nameEnd = closingQuote(bytes, this.start + 1);
      this.valuesStart = this.#nameEnd + 2;
      let at = this.valuesStart + 1;
      while (bytes[at] === QUOTE) {
        at = closingQuote(bytes, at + 1) + 1;
        if (bytes[at] === COMMA) at++;
      }
      this.end = at + 1;
      this.#next = bytes[this.end] === COMMA ? this.end + 1 : this.end;
      if (bytes[this.start + 1] !== COLON) return true;
    }
    return false;
  }

  /** Whether the header is called `name`. A name that a scan has taken has no escapes in it. */
  isNamed(name: string): boolean {
    const { length } = name;
    if (this.#nameEnd - this.start - 1 !== length) return false;
    for (let at = 0; at < length; at++) if (this.#bytes[this.start + 1 + at] !== name.charCodeAt(at)) return false;
    return true;
  }
}

/**
 * Where the values of {@linkcode METADATA_STRINGS} stand, quotes included; empty where there is none, or null. The last of two members of
 * one name counts, as it does for `JSON.parse`. Valid until the next call.
 */
export function metadataSpans(bytes: Uint8Array, membersStart: number): readonly Readonly<Span>[] {
  for (const span of spans) span.start = span.end = 0;
  for (let at = membersStart; bytes[at] === QUOTE;) {
    const nameStart = at + 1;
    const nameEnd = closingQuote(bytes, nameStart);
    const start = nameEnd + 2;
    let end = start;
    if (bytes[start] === QUOTE) end = closingQuote(bytes, start + 1) + 1;
    const span = spans[indexOfName(bytes, nameStart, nameEnd)];
    if (span !== undefined) {
      span.start = start;
      span.end = end;
    }
    // What is no string is a number or null.
    while (bytes[end] !== COMMA && bytes[end] !== CLOSE_BRACE) end++;
    at = end + 1;
  }
  return spans;
}

const spans: readonly Span[] = METADATA_STRINGS.map(() => ({ start: 0, end: 0 }));
const encoder = new TextEncoder();
const NAMES = METADATA_STRINGS.map(([name]) => encoder.encode(name));

/** The place of a name among {@linkcode METADATA_STRINGS}, -1 if it is none of them. */
function indexOfName(bytes: Uint8Array, start: number, end: number): number {
  return NAMES.findIndex((name) => {
    if (name.length !== end - start) return false;
    for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false;
    return true;
  });
}

/** The place of the quote that closes the string whose first byte is at `at`. */
function closingQuote(bytes: Uint8Array, at: number): number {
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
