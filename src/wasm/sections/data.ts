/**
 * The data section: what a module puts into its memories.
 *
 * @module
 */

import { skipConstantExpression } from "../instructions.ts";
import type { Reader } from "../reader.ts";
import { checkOffsetBytes } from "./caps.ts";

const PASSIVE = 1;
const EXPLICIT = 2;

/**
 * Reads the data section: how many bytes each segment has.
 *
 * | flags | segment |
 * |---|---|
 * | 0 | active in memory 0: offset, bytes |
 * | 1 | passive: bytes |
 * | 2 | active: memory index, offset, bytes |
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-datasec
 */
export function readDataSizes(reader: Reader): number[] {
  const sizes: number[] = [];
  let offsetBytes = 0;
  for (let count = reader.count(2); count > 0; count--) {
    const start = reader.pos;
    const flags = reader.u32();
    if (flags > EXPLICIT) reader.fail("the flags of a data segment must be 0 to 2", flags, start);
    if (flags === EXPLICIT) reader.u32();
    const offsetAt = reader.pos;
    if (flags !== PASSIVE) skipConstantExpression(reader);
    offsetBytes += reader.pos - offsetAt;
    checkOffsetBytes(offsetBytes);
    const size = reader.count(1);
    reader.skip(size);
    sizes.push(size);
  }
  reader.finish();
  return sizes;
}
