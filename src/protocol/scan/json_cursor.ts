/**
 * A place in JSON text that moves on when it finds what its caller expects. It takes only a part of JSON: ASCII, simple escapes, and
 * numbers of a few digits. It never explains why it declines a text; a whole parser must look at such a text.
 *
 * Strings are the bulk of the text, so they are checked, and copied where they are kept, four bytes at a time, which takes a quarter of the
 * time.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-7 for what may stand in a string.
 *
 * @module
 */

import { MAX_HEAD_BYTES } from "../limits.ts";
import type { Literal } from "./literal.ts";
import { plainBefore, plainBytes, specialBytes, TURN_BYTES } from "./plain.ts";

const QUOTE = 0x22, BACKSLASH = 0x5c, ZERO = 0x30, NINE = 0x39;

/** The place or number of what was not found. */
export const DECLINED = -1;

/** Letters that may follow a backslash; `u` is not among them. */
const ESCAPABLE = new Uint8Array(256);
for (const letter of new TextEncoder().encode('"\\/bfnrt')) ESCAPABLE[letter] = 1;

/** A part of {@linkcode JsonCursor.bytes}. For a string it is the bytes between the quotes, with escapes not decoded. */
export interface Span {
  /** The place of the first byte. */
  start: number;
  /** The place just past the last byte; -1 for a part that does not exist. */
  end: number;
}

/** It is not imported, because V8 takes an imported number for a variable, which costs a twentieth of the scan. */
const WORD_BYTES = 4;
const INITIAL_BYTES = 4 * 1024;
/** Longest text that is taken, in bytes, because the room for it is kept: no head is longer. */
const MAX_BYTES = MAX_HEAD_BYTES;
/** A text longer than this, in bytes, is mostly a few long values. */
const LONG_TEXT_BYTES = 16 * 1024;
/** So many bytes are copied quicker by the engine than one word after the other. */
const LONG_RUN_BYTES = 128;

/** Reads on from {@linkcode JsonCursor.at}; each method says whether it found what it looks for. */
export class JsonCursor {
  /** The text, followed by four zero bytes. Zero is never valid JSON, so every step stops there without looking for the end. */
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.bytes.buffer);
  #length = 0;
  /** How many texts have been begun. Another number than before means that there is another text. */
  generation = 0;
  /** Place of the next byte. */
  protected at = 0;
  /** The parts of the text that are kept, as a text of their own up to {@linkcode JsonCursor.kept}; never longer than what was read. */
  protected copy: Uint8Array = new Uint8Array(INITIAL_BYTES);
  /** The bytes of {@linkcode JsonCursor.copy}. */
  protected copyView: DataView = new DataView(this.copy.buffer);
  /** Where the next byte to keep is put in {@linkcode JsonCursor.copy}. */
  protected kept = 0;
  /** How many escapes the strings have had so far. */
  protected escapes = 0;

  /**
   * Begins at `at` of another text, with nothing kept; false if the text is too long. The text is copied, because a `DataView` of it
   * would take longer to make.
   */
  protected begin(text: Uint8Array, at: number): boolean {
    const { length } = text;
    if (length > MAX_BYTES) return false;
    this.generation++;
    if (length + TURN_BYTES > this.bytes.length) this.#makeRoom(length + TURN_BYTES);
    this.bytes.set(text);
    this.#view.setInt32(length, 0);
    this.#length = length;
    this.at = at;
    this.kept = this.escapes = 0;
    return true;
  }

  #makeRoom(size: number): void {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
    this.copy = new Uint8Array(size);
    this.copyView = new DataView(this.copy.buffer);
  }

  /**
   * Returns the place of the quote that closes the string whose first byte is at `at`, without moving. The string is copied to `to` of
   * {@linkcode JsonCursor.copy}, which must be no further on than the string is in the text.
   */
  protected stringEnd(at: number, to: number): number {
    const { bytes, copy, copyView } = this;
    const view = this.#view;
    for (;;) {
      let special: number;
      for (;;) {
        const word = view.getInt32(at, true);
        // Copies all four bytes, even those after the special one; the next copy overwrites them.
        copyView.setInt32(to, word, true);
        special = specialBytes(word);
        if (special !== 0) break;
        at += WORD_BYTES;
        to += WORD_BYTES;
      }
      const plain = plainBefore(special);
      at += plain;
      to += plain;
      const byte = bytes[at];
      if (byte === QUOTE) return at;
      if (byte !== BACKSLASH || ESCAPABLE[bytes[at + 1]!] !== 1) return DECLINED;
      this.escapes++;
      copy[to++] = byte;
      copy[to++] = bytes[at + 1]!;
      at += 2;
    }
  }

  /** True where {@linkcode JsonCursor.copyPlain} is worth its call. */
  protected get isLong(): boolean {
    return this.#length > LONG_TEXT_BYTES;
  }

  /**
   * Copies as {@linkcode JsonCursor.stringEnd} does, but only what stands for itself at the beginning of a long string, and in half of the
   * time. Returns how many bytes that was.
   */
  protected copyPlain(at: number, to: number): number {
    const count = plainBytes(this.#view, at);
    if (count < LONG_RUN_BYTES) return 0;
    this.copy.set(this.bytes.subarray(at, at + count), to);
    return count;
  }

  /** Takes a string, from behind its opening quote to behind the closing one; returns the place of the closing quote. Keeps nothing. */
  protected string(): number {
    const { bytes } = this;
    const view = this.#view;
    let { at } = this;
    for (;;) {
      let special = specialBytes(view.getInt32(at, true));
      for (; special === 0; special = specialBytes(view.getInt32(at, true))) at += WORD_BYTES;
      at += plainBefore(special);
      if (bytes[at] === QUOTE) break;
      if (bytes[at] !== BACKSLASH || ESCAPABLE[bytes[at + 1]!] !== 1) return DECLINED;
      this.escapes++;
      at += 2;
    }
    this.at = at + 1;
    return at;
  }

  /** Takes a number of one to nine digits. */
  protected integer(): number {
    const { bytes } = this;
    const start = this.at;
    let at = start;
    let value = 0;
    for (let byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) value = value * 10 + byte - ZERO;
    const digits = at - start;
    if (digits === 0 || digits > 9 || (digits > 1 && bytes[start] === ZERO)) return DECLINED;
    this.at = at;
    return value;
  }

  /** Takes one byte. */
  protected take(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** Takes the bytes of `literal`. */
  protected literal(literal: Literal): boolean {
    const end = this.at + literal.length;
    if (end > this.#length || !literal.standsAt(this.#view, this.at)) return false;
    this.at = end;
    return true;
  }

  /** Tells whether a string that has been taken, from its first byte to its closing quote at `end`, is `quoted`, without moving. */
  protected is(quoted: Literal, start: number, end: number): boolean {
    return end + 1 - start === quoted.length && quoted.standsAt(this.#view, start);
  }

  /** Tells whether the whole text has been read. */
  protected ended(): boolean {
    return this.at === this.#length;
  }

  /** Takes a string with its quotes. */
  protected skipString(): boolean {
    return this.take(QUOTE) && this.string() >= 0;
  }

  /** The string in a span, decoded. */
  text({ start, end }: Span): string {
    const text = spanText(this.bytes, start, end);
    return this.escapes > 0 && text.includes("\\") ? JSON.parse(`"${text}"`) : text;
  }
}

/** A third of a UUID; the ids that the released proxies make have eleven bytes. */
const TEXT_TURN_BYTES = 12;

/** The ASCII text from `start` to `end` of `bytes`. */
export function spanText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  // Most of the work is putting strings together, so the last turn takes as many bytes as the others, and cuts off what is too much.
  for (let at = start; at < end; at += TEXT_TURN_BYTES) {
    // deno-fmt-ignore
    const turn = String.fromCharCode(
      bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!, bytes[at + 4]!, bytes[at + 5]!,
      bytes[at + 6]!, bytes[at + 7]!, bytes[at + 8]!, bytes[at + 9]!, bytes[at + 10]!, bytes[at + 11]!,
    );
    text += end - at < TEXT_TURN_BYTES ? turn.slice(0, end - at) : turn;
  }
  return text;
}
