/**
 * The code section: a body for each function that the module defines.
 *
 * @module
 */

import type { Reader } from "../reader.ts";
import { readValueType } from "../value_type.ts";

/** The smallest body with its size before it is `02 00 0b`: no locals, and `end`. */
const MIN_BODY_BYTES = 3;

/**
 * Reads the code section, which has one entry for each body: its size, then so many bytes of locals and code.
 *
 * @param take Called with where a body stands in the module, and its number, counted from 0.
 * @returns How many bodies there are.
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-codesec
 */
export function readCodeSection(reader: Reader, take: (start: number, end: number, number: number) => void): number {
  const bodies = reader.count(MIN_BODY_BYTES);
  for (let number = 0; number < bodies; number++) {
    const size = reader.count(1);
    const start = reader.pos;
    const end = start + size;
    take(start, end, number);
    reader.pos = end;
  }
  reader.finish();
  return bodies;
}

/**
 * Reads the runs of locals before a body's code: how many of a type, then the type. `02 03 7f 01 7e` are three of i32 and
 * one of i64.
 *
 * @returns How many locals there are in all runs; V8 allows 50,000.
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-local
 */
export function readLocals(reader: Reader): number {
  let locals = 0;
  for (let runs = reader.count(2); runs > 0; runs--) {
    locals += reader.u32();
    readValueType(reader);
  }
  return locals;
}
