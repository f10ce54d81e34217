/**
 * The values that the binary format is made of, read out of bytes that nobody vouches for.
 *
 * @module
 */

import { ModuleFault } from "./fault.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Cursor over a range of a module's bytes. Every read is bounded by the range, so no input makes it read past it.
 *
 * Integers are LEB128 and may be padded with redundant bytes up to the longest form of their width, as V8 accepts.
 * Every method throws a {@linkcode ModuleFault} `MODULE_MALFORMED` that names the part being read and the byte offset.
 *
 * @see https://webassembly.github.io/spec/core/binary/values.html
 */
export class Reader {
  /** The whole module, so that offsets in messages are offsets in the file. */
  readonly bytes: Uint8Array;
  /** Offset of the next byte. */
  pos: number;
  /** Offset just past the last byte of the range. */
  readonly end: number;
  /** What is being read, for messages: `import section`. */
  readonly what: string;

  /** A reader over `[start, end)` of a module's bytes; `what` names that part in messages. */
  constructor(bytes: Uint8Array, what: string, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.what = what;
    this.pos = start;
    this.end = end;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.end - this.pos;
  }

  /** Raises `MODULE_MALFORMED`; `must` completes "as ...", `received` is what came instead. */
  fail(must: string, received: string | number, offset: number = this.pos): never {
    throw new ModuleFault("MODULE_MALFORMED", `in its ${this.what} ${must}`, `${received} at byte ${offset}`);
  }

  /** Reads one byte. */
  byte(): number {
    const value = this.pos < this.end ? this.bytes[this.pos] : undefined;
    if (value === undefined) this.fail("another byte must follow", "its end");
    this.pos++;
    return value;
  }

  /** Reads an unsigned integer of 32 bits: an index, a count, a size. */
  u32(): number {
    const start = this.pos;
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    const last = this.byte();
    if (last > 0x0f) this.fail("an integer must fit 32 bits", "a longer one", start);
    return (result | (last << 28)) >>> 0;
  }

  /** Reads an unsigned integer of 64 bits; above 2^53 the nearest number, which is exact enough for a limit. */
  u64(): number {
    const start = this.pos;
    let result = 0;
    let scale = 1;
    for (let i = 0; i < 9; i++) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
      scale *= 128;
    }
    const last = this.byte();
    if (last > 1) this.fail("an integer must fit 64 bits", "a longer one", start);
    return result + last * scale;
  }

  /** Reads a signed integer of 33 bits, which block types, heap types and value types are. */
  s33(): number {
    const start = this.pos;
    let result = 0;
    let scale = 1;
    for (let i = 0; i < 5; i++) {
      const byte = this.byte();
      result += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 ? result - scale : result;
    }
    this.fail("an integer must fit 33 bits", "a longer one", start);
  }

  /** The u32 at `offset`; the reader stays where it is. */
  u32At(offset: number): number {
    const { pos } = this;
    this.pos = offset;
    const value = this.u32();
    this.pos = pos;
    return value;
  }

  /** The s33 at `offset`; the reader stays where it is. */
  s33At(offset: number): number {
    const { pos } = this;
    this.pos = offset;
    const value = this.s33();
    this.pos = pos;
    return value;
  }

  /**
   * Reads how many entries follow, each of so many bytes at least. More than can follow in the bytes that are left are
   * refused here, before anyone makes room for them.
   */
  count(minBytesEach: number): number {
    const start = this.pos;
    const count = this.u32();
    if (count * minBytesEach > this.remaining) {
      this.fail(`a count must fit the ${this.remaining} bytes that remain`, count, start);
    }
    return count;
  }

  /** Reads a name: its length in bytes, then UTF-8. */
  name(): string {
    const length = this.count(1);
    const start = this.pos;
    this.pos += length;
    try {
      return utf8.decode(this.bytes.subarray(start, this.pos));
    } catch {
      this.fail("a name must be UTF-8", "other bytes", start);
    }
  }

  /** Moves past so many bytes. */
  skip(length: number): void {
    if (length > this.remaining) this.fail(`${length} bytes must follow`, this.remaining);
    this.pos += length;
  }

  /** Checks that the range was read to its last byte. */
  finish(): void {
    if (this.pos !== this.end) this.fail("nothing may follow its last entry", `${this.remaining} more bytes`);
  }
}
