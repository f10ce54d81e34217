/**
 * The code that looks at the epoch word.
 *
 * @module
 */

import { Writer } from "./writer.ts";

/**
 * The probe, which is the deadline check: it traps if the epoch word, at address 0 of the appended memory, is not 0.
 *
 * | bytes | instruction |
 * |---|---|
 * | `41 00` | i32.const 0 |
 * | `28 02 00` or `28 42` memory index `00` | i32.load, alignment 4, the memory's index unless it is 0, offset 0 |
 * | `04 40` | if |
 * | `00` | unreachable |
 * | `0b` | end |
 *
 * Leaves the operand stack as it was, so it may stand between any two instructions.
 */
export function encodeProbe(memoryIndex: number): Uint8Array {
  const writer = new Writer(16);
  for (const byte of [0x41, 0x00, 0x28]) writer.byte(byte);
  if (memoryIndex === 0) {
    writer.byte(0x02);
  } else {
    writer.byte(0x42);
    writer.u32(memoryIndex);
  }
  for (const byte of [0x00, 0x04, 0x40, 0x00, 0x0b]) writer.byte(byte);
  return writer.finish();
}
