/**
 * A text that a scan looks for.
 *
 * @module
 */

const WORD_BYTES = 4;
const encoder = new TextEncoder();

/** Compared four bytes at a time: byte by byte, the names of its members were an eighth of what a head takes. */
export class Literal {
  /** In bytes. */
  readonly length: number;
  /** Little-endian. The last one begins four bytes before the end, wherever the one before ends. */
  readonly #words: Int32Array;

  /** @param text Four bytes at least. */
  constructor(text: string) {
    const bytes = encoder.encode(text);
    const view = new DataView(bytes.buffer);
    this.length = bytes.length;
    this.#words = Int32Array.from(
      { length: Math.ceil(bytes.length / WORD_BYTES) },
      (_, index) => view.getInt32(Math.min(index * WORD_BYTES, bytes.length - WORD_BYTES), true),
    );
  }

  /** True where it stands at `at` of `view`, which must have as many bytes from there on. */
  standsAt(view: DataView, at: number): boolean {
    const words = this.#words;
    const last = at + this.length - WORD_BYTES;
    for (let index = 0, from = at; index < words.length; index++, from += WORD_BYTES) {
      if (view.getInt32(Math.min(from, last), true) !== words[index]) return false;
    }
    return true;
  }
}
