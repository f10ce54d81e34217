/**
 * Which bytes stand for themselves in a JSON string: ASCII from the space on, except `"` and `\`. Several are looked at at once.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-7
 *
 * @module
 */

const WORD_BYTES = 4;
/** How far {@linkcode plainBytes} looks in one turn. More at once gains little, because the processor is busy already. */
export const TURN_BYTES = 4 * WORD_BYTES;

/**
 * Sets the top bit of each of a word's four bytes that does not stand for itself in a string: `"`, `\`, a byte below a space, a byte
 * beyond ASCII. Only the lowest bit that is set can be relied on; those above it may be set without a reason.
 */
export function specialBytes(word: number): number {
  return marks(word) & 0x80808080;
}

/** How many bytes of a word stand for themselves before the first that does not, by what {@linkcode specialBytes} answers for it. */
export function plainBefore(special: number): number {
  return (31 - Math.clz32(special & -special)) >> 3;
}

/** How many bytes from `from` on stand for themselves; up to {@linkcode TURN_BYTES} fewer, but never more than there are. */
export function plainBytes(view: DataView, from: number): number {
  for (let at = from;; at += TURN_BYTES) {
    const found = marks(view.getInt32(at, true)) | marks(view.getInt32(at + WORD_BYTES, true)) |
      marks(view.getInt32(at + 2 * WORD_BYTES, true)) | marks(view.getInt32(at + 3 * WORD_BYTES, true));
    if ((found & 0x80808080) !== 0) return at - from;
  }
}

/** The bits below the top ones mean nothing. */
function marks(word: number): number {
  // A byte of ASCII is below n if its top bit becomes 1 when n is subtracted; a subtraction borrows from higher bytes only. With the bit
  // of 2 turned round, a quote comes right behind the bytes below a space, and these stay among themselves.
  return (word ^ 0x02020202) - 0x21212121 | (word ^ 0x5c5c5c5c) - 0x01010101 | word;
}
