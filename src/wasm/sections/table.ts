/**
 * The table section: the module's own tables.
 *
 * @module
 */

import { skipConstantExpression } from "../instructions.ts";
import { readLimits } from "../limits.ts";
import type { Reader } from "../reader.ts";
import type { TableType } from "../types.ts";
import { readValueType } from "../value_type.ts";

/** One table that the module defines, and where its parts stand: `[start, limitsStart)`, limits, `[limitsEnd, end)`. */
export interface Table {
  readonly type: TableType;
  readonly start: number;
  readonly limitsStart: number;
  readonly limitsEnd: number;
  readonly end: number;
  /** What it is filled with is made on the garbage-collected heap. */
  readonly allocates: boolean;
}

/**
 * Reads the table section: per entry a table type, or `40 00`, a table type and the expression that fills it.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-tablesec
 */
export function readTableSection(reader: Reader): Table[] {
  const tables: Table[] = [];
  for (let count = reader.count(3); count > 0; count--) tables.push(readTable(reader));
  reader.finish();
  return tables;
}

function readTable(reader: Reader): Table {
  const start = reader.pos;
  const filled = reader.bytes[start] === 0x40;
  if (filled) {
    reader.pos++;
    if (reader.byte() !== 0) reader.fail("0 must follow 0x40 in a table", "another byte", reader.pos - 1);
  }
  const elementType = readValueType(reader);
  const limitsStart = reader.pos;
  const limits = readLimits(reader);
  const limitsEnd = reader.pos;
  const allocates = filled && skipConstantExpression(reader);
  return { type: { kind: "table", elementType, ...limits }, start, limitsStart, limitsEnd, end: reader.pos, allocates };
}
