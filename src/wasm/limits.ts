/**
 * Limits of memories and tables, and the types that have them.
 *
 * @module
 */

import type { Reader } from "./reader.ts";
import type { Limits, MemoryType, TableType } from "./types.ts";
import { readValueType } from "./value_type.ts";
import type { Writer } from "./writer.ts";

const HAS_MAX = 1;
const SHARED = 2;
const INDEX_64 = 4;

/**
 * Reads the limits of a memory or table.
 *
 * | bytes | field |
 * |---|---|
 * | 0 | flags: 1 has a maximum, 2 shared, 4 addressed by i64 |
 * | then | minimum, LEB128 |
 * | then, with flag 1 | maximum, LEB128 |
 *
 * `01 01 10` is 1 to 16 pages.
 *
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-limits
 */
export function readLimits(reader: Reader): Limits {
  const flags = reader.byte();
  if (flags > 7) reader.fail("the flags of limits must be 0 to 7", flags, reader.pos - 1);
  const index64 = (flags & INDEX_64) !== 0;
  const shared = (flags & SHARED) !== 0;
  const min = index64 ? reader.u64() : reader.u32();
  if ((flags & HAS_MAX) === 0) return { min, shared, index64 };
  return { min, max: index64 ? reader.u64() : reader.u32(), shared, index64 };
}

/** Writes limits in their shortest form. */
export function writeLimits(writer: Writer, limits: Limits): void {
  const { min, max, shared, index64 } = limits;
  writer.byte((max === undefined ? 0 : HAS_MAX) | (shared ? SHARED : 0) | (index64 ? INDEX_64 : 0));
  writer.u64(min);
  if (max !== undefined) writer.u64(max);
}

/**
 * Reads a memory's type.
 *
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-memtype
 */
export function readMemoryType(reader: Reader): MemoryType {
  return { kind: "memory", ...readLimits(reader) };
}

/**
 * Reads a table's type: the element type, then the limits.
 *
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-tabletype
 */
export function readTableType(reader: Reader): TableType {
  const elementType = readValueType(reader);
  return { kind: "table", elementType, ...readLimits(reader) };
}
