/**
 * The values that the binary format is made of, written: the twin of `reader.ts`.
 *
 * @module
 */

/** A byte buffer that grows by doubling. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param capacity Bytes that it has room for before it grows. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#length = 0;
  }

  /** Writes one byte. */
  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes an unsigned LEB128 of up to 32 bits in its shortest form. */
  u32(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Writes an unsigned LEB128 of up to 2^53 in its shortest form. */
  u64(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Writes a signed LEB128 of 0 to 2^53 in its shortest form. */
  positive(value: number): void {
    let rest = value;
    while (rest > 0x3f) {
      this.byte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Copies `source[start, end)`. */
  copy(source: Uint8Array, start = 0, end: number = source.length): void {
    const size = end - start;
    if (size > this.#bytes.length - this.#length) this.#grow(size);
    const target = this.#bytes;
    let at = this.#length;
    this.#length += size;
    // Short ranges are the rule between two probes, and a loop beats the call into `set` for them.
    if (size <= 32) {
      for (let i = start; i < end; i++) target[at++] = source[i] ?? 0;
    } else {
      target.set(source.subarray(start, end), at);
    }
  }

  /** Writes a name: its UTF-8 length, then its bytes. */
  name(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.u32(bytes.length);
    this.copy(bytes);
  }

  /** Leaves room for an unsigned LEB128 that is not known yet; {@linkcode fill} takes what this returns. */
  reserve(): number {
    const mark = this.#length;
    for (let i = 0; i < 5; i++) this.byte(0);
    return mark;
  }

  /** Writes a value of up to 32 bits into the room left at `mark`, padded to five bytes. */
  fill(mark: number, value: number): void {
    let rest = value;
    for (let i = 0; i < 4; i++) {
      this.#bytes[mark + i] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[mark + 4] = rest;
  }

  /** Writes a section's id and room for its size; {@linkcode endSection} takes what this returns. */
  beginSection(id: number): number {
    this.byte(id);
    return this.reserve();
  }

  /** Fills in the size of the section begun at `mark`. */
  endSection(mark: number): void {
    this.fill(mark, this.#length - mark - 5);
  }

  /** What was written, without a copy: valid until the writer is used again. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(size: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + size));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
