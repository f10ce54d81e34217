/**
 * Bytes on their way out, gathered so that one write carries many replies.
 *
 * @module
 */

const INITIAL_BYTES = 4 * 1024;
/** Largest buffer that is kept when its bytes are forgotten: the longest head fits in. */
const KEPT_BYTES = 2 * 1024 * 1024;
/** The engine copies more bytes than this quicker than a loop does. */
const LONG_BYTES = 96;
const SPACE = 0x20, QUOTE = 0x22, BACKSLASH = 0x5c, TILDE = 0x7e;
const encoder = new TextEncoder();

/** A buffer that grows at its end. */
export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;

  /** Bytes put in since the last {@linkcode clear}. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that this writer takes. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** The bytes that were put in, valid until the next call that changes this writer. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets the bytes from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  /** Forgets all bytes; the memory is kept unless it has grown large. */
  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = new Uint8Array(INITIAL_BYTES);
  }

  /** Appends `bytes`. */
  put(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends the bytes from `start` to `end` of `bytes`. */
  putSpan(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > LONG_BYTES) return this.put(bytes.subarray(start, end));
    this.#reserve(length);
    const target = this.#bytes;
    let to = this.#length;
    for (let at = start; at < end; at++) target[to++] = bytes[at]!;
    this.#length = to;
  }

  /** Appends `value` as one byte. */
  putByte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Appends `value` as four bytes, big-endian. */
  putUint32(value: number): void {
    this.#reserve(4);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = value >>> 24;
    bytes[at++] = value >>> 16;
    bytes[at++] = value >>> 8;
    bytes[at++] = value;
    this.#length = at;
  }

  /** Overwrites four bytes at `at` that were put in before. */
  setUint32(at: number, value: number): void {
    const length = this.#length;
    this.#length = at;
    this.putUint32(value);
    this.#length = length;
  }

  /** Appends `text` in UTF-8. */
  putText(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /** Appends `text` as a JSON string. */
  putJsonString(text: string): void {
    this.#reserve(text.length + 2);
    this.#bytes[this.#length++] = QUOTE;
    this.putJsonText(text);
    this.putByte(QUOTE);
  }

  /** Appends `text` as what stands between the quotes of a JSON string. */
  putJsonText(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    let to = this.#length;
    for (let at = 0; at < length; at++) {
      const unit = text.charCodeAt(at);
      // Most texts are short and plain, and for those a call of the engine's encoders would take longer.
      if (unit < SPACE || unit > TILDE || unit === QUOTE || unit === BACKSLASH) {
        return this.putText(JSON.stringify(text).slice(1, -1));
      }
      bytes[to++] = unit;
    }
    this.#length = to;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed + INITIAL_BYTES, this.#bytes.length * 2));
    grown.set(this.written);
    this.#bytes = grown;
  }
}
