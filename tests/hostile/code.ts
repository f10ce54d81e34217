import { Writer } from "../../src/wasm/writer.ts";

/** Instructions of a body, or the contents of a section, one after the other. */
export class Code {
  readonly #writer: Writer = new Writer(1024);

  get length(): number {
    return this.#writer.length;
  }

  /** Adds bytes as they are. */
  put(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#writer.byte(byte);
    return this;
  }

  /** Adds bytes that are too many to be arguments. */
  add(bytes: Uint8Array): this {
    this.#writer.copy(bytes);
    return this;
  }

  /** Adds an unsigned LEB128. */
  u32(value: number): this {
    this.#writer.u32(value);
    return this;
  }

  /** Adds an `i32.const` of a value that is not negative. */
  i32(value: number): this {
    this.put(0x41);
    let rest = value;
    for (; rest > 0x3f; rest >>>= 7) this.put((rest & 0x7f) | 0x80);
    return this.put(rest);
  }

  /** Adds a name: its length, then its UTF-8. */
  name(text: string): this {
    this.#writer.name(text);
    return this;
  }

  /** Adds what `each` adds, so many times. */
  times(count: number, each: (code: this, index: number) => void): this {
    for (let i = 0; i < count; i++) each(this, i);
    return this;
  }

  /** Adds the same bytes so many times. */
  repeat(count: number, ...bytes: readonly number[]): this {
    return this.times(count, () => this.put(...bytes));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#writer.finish();
  }
}
