/**
 * A place in JSON text that moves on as it finds what it is told to expect. What it takes is a part of JSON: ASCII, simple escapes,
 * numbers of a few digits. It never explains: whatever it declines, a whole parser must look at.
 *
 * @module
 */

const QUOTE = 0x22, COLON = 0x3a, BACKSLASH = 0x5c, ZERO = 0x30, NINE = 0x39;
const FIRST_PRINTABLE = 0x20, LAST_ASCII = 0x7e;

/** Stands for a place or number that was not found. */
export const DECLINED = -1;

/** Letters that may follow a backslash; `u` is not among them. */
const ESCAPABLE = new Uint8Array(128);
for (const letter of new TextEncoder().encode('"\\/bfnrt')) ESCAPABLE[letter] = 1;
/** 0 for bytes that stand for themselves in a string. */
const SPECIAL = new Uint8Array(256).fill(1).fill(0, FIRST_PRINTABLE, LAST_ASCII + 1);
SPECIAL[QUOTE] = SPECIAL[BACKSLASH] = 1;
const decoder = new TextDecoder();

/** A place in {@linkcode JsonCursor.bytes}; for strings what stands between the quotes, escapes as they are. */
export interface Span {
  /** Of the first byte. */
  start: number;
  /** Just past the last byte; -1 for what is not there. */
  end: number;
}

/** Reads on from {@linkcode JsonCursor.at}; each method says whether it found what it looks for. */
export class JsonCursor {
  /** The text, good until the buffer it lies in is used again. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Place of the next byte. */
  protected at = 0;

  /** From behind the opening quote to behind the closing one; answers with the closing quote's place. */
  protected string(): number {
    const { bytes } = this;
    let at = this.at;
    for (;;) {
      while (SPECIAL[bytes[at]!] === 0) at++;
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte !== BACKSLASH || ESCAPABLE[bytes[at + 1]!] !== 1) return DECLINED;
      at += 2;
    }
    this.at = at + 1;
    return at;
  }

  /** A number of one to nine digits. */
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

  /** One byte. */
  protected take(byte: number): boolean {
    if (this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** `"name":` */
  protected key(name: Uint8Array): boolean {
    return this.take(QUOTE) && this.word(name) && this.take(QUOTE) && this.take(COLON);
  }

  /** The bytes of `word`. */
  protected word(word: Uint8Array): boolean {
    if (!this.is(word, this.at, this.at + word.length)) return false;
    this.at += word.length;
    return true;
  }

  /** Whether `word` stands from `start` to `end`; moves nothing. */
  protected is(word: Uint8Array, start: number, end: number): boolean {
    if (end - start !== word.length) return false;
    for (let index = 0; index < word.length; index++) if (this.bytes[start + index] !== word[index]) return false;
    return true;
  }

  /** Whether all has been read. */
  protected ended(): boolean {
    return this.at === this.bytes.length;
  }

  /** A string with its quotes, wherever it ends. */
  protected skipString(): boolean {
    return this.take(QUOTE) && this.string() >= 0;
  }

  /** The string in a span, decoded. */
  protected text({ start, end }: Span): string {
    let text = "";
    for (let at = start; at < end; at++) {
      const byte = this.bytes[at]!;
      if (byte === BACKSLASH) return JSON.parse(decoder.decode(this.bytes.subarray(start - 1, end + 1)));
      text += String.fromCharCode(byte);
    }
    return text;
  }
}
