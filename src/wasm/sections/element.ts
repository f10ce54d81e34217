/**
 * The element section: what a module puts into its tables.
 *
 * @module
 */

import { skipConstantExpression } from "../instructions.ts";
import type { Reader } from "../reader.ts";
import { checkElementCount, checkPassiveCount } from "./caps.ts";
import { readValueType } from "../value_type.ts";

const PASSIVE_OR_DECLARED = 1;
const EXPLICIT = 2;
const EXPRESSIONS = 4;

/** One element segment. */
export interface ElementSegment {
  readonly entries: number;
  /** One of its expressions allocates on the garbage-collected heap. */
  readonly allocates: boolean;
}

/**
 * Reads the element section, whose number of entries is bounded.
 *
 * | flags | segment |
 * |---|---|
 * | 0, 4 | active in table 0: offset, then indices (0) or expressions (4) |
 * | 2, 6 | active: table index, offset, kind (2) or element type (6), entries |
 * | 1, 3, 5, 7 | passive or declared: kind (1, 3) or element type (5, 7), entries |
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-elemsec
 */
export function readElementSection(reader: Reader): ElementSegment[] {
  const segments: ElementSegment[] = [];
  let entries = 0;
  for (let count = reader.count(3); count > 0; count--) {
    const segment = readElementSegment(reader, entries);
    entries += segment.entries;
    segments.push(segment);
  }
  reader.finish();
  return segments;
}

function readElementSegment(reader: Reader, entriesBefore: number): ElementSegment {
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
  const entries = reader.count(1);
  if ((flags & (PASSIVE_OR_DECLARED | EXPLICIT)) === PASSIVE_OR_DECLARED) checkPassiveCount(entries);
  checkElementCount(entriesBefore + entries);
  for (let i = 0; i < entries; i++) {
    if ((flags & EXPRESSIONS) === 0) reader.u32();
    else if (skipConstantExpression(reader)) allocates = true;
  }
  return { entries, allocates };
}
