import { skipConstantExpression } from "./instructions.ts";
import { readTableType } from "./limits.ts";
import type { Reader } from "./reader.ts";
import type { TableType } from "./types.ts";

/** One table that the module defines. */
export interface Table {
  readonly type: TableType;
  /** Where the expression that fills it stands, if it has one: `[start, end)`, its `end` opcode included. */
  readonly init?: { readonly start: number; readonly end: number; readonly allocates: boolean };
}

/** Reads the table section: per entry a table type, or `40 00`, a table type and the expression that fills it. */
export function readTableSection(reader: Reader): Table[] {
  const tables: Table[] = [];
  for (let count = reader.count(3); count > 0; count--) tables.push(readTable(reader));
  reader.finish();
  return tables;
}

function readTable(reader: Reader): Table {
  if (reader.bytes[reader.pos] !== 0x40) return { type: readTableType(reader) };
  reader.pos++;
  if (reader.byte() !== 0) reader.fail("0 must follow 0x40 in a table", "another byte", reader.pos - 1);
  const type = readTableType(reader);
  const start = reader.pos;
  const allocates = skipConstantExpression(reader);
  return { type, init: { start, end: reader.pos, allocates } };
}
