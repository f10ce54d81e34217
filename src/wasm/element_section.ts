import { skipConstantExpression } from "./instructions.ts";
import type { Reader } from "./reader.ts";
import { readValueType } from "./value_type.ts";

const PASSIVE_OR_DECLARED = 1;
const EXPLICIT = 2;
const EXPRESSIONS = 4;

/**
 * Reads the element section for what its expressions do: true if one allocates on the garbage-collected heap.
 *
 * | flags | segment |
 * |---|---|
 * | 0, 4 | active in table 0: offset, then indices (0) or expressions (4) |
 * | 2, 6 | active: table index, offset, kind (2) or element type (6), entries |
 * | 1, 3, 5, 7 | passive or declared: kind (1, 3) or element type (5, 7), entries |
 */
export function elementSectionAllocates(reader: Reader): boolean {
  let allocates = false;
  for (let count = reader.count(3); count > 0; count--) {
    if (elementSegmentAllocates(reader)) allocates = true;
  }
  reader.finish();
  return allocates;
}

function elementSegmentAllocates(reader: Reader): boolean {
  const flags = reader.u32();
  if (flags > 7) reader.fail("the flags of an element segment must be 0 to 7", flags, reader.pos - 1);
  let allocates = false;
  if ((flags & PASSIVE_OR_DECLARED) === 0) {
    if ((flags & EXPLICIT) !== 0) reader.u32();
    allocates = skipConstantExpression(reader);
  }
  if ((flags & (PASSIVE_OR_DECLARED | EXPLICIT)) !== 0) {
    if ((flags & EXPRESSIONS) !== 0) readValueType(reader);
    else reader.byte();
  }
  for (let entries = reader.count(1); entries > 0; entries--) {
    if ((flags & EXPRESSIONS) === 0) reader.u32();
    else if (skipConstantExpression(reader)) allocates = true;
  }
  return allocates;
}
