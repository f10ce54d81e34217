/**
 * The type section: all types that the rest of the module names by their index.
 *
 * @module
 */

import type { Reader } from "../reader.ts";
import { checkTypeCount } from "./caps.ts";
import type { FunctionType, ValueType } from "../types.ts";
import { readStorageType, readValueTypes } from "../value_type.ts";

/** A struct type: a module may declare it, a host function's signature cannot name it. */
export interface StructType {
  readonly kind: "struct";
}

/** An array type, as {@linkcode StructType}. */
export interface ArrayType {
  readonly kind: "array";
  /** Of its elements; may be packed. */
  readonly element: ValueType;
}

/** One entry of the type index space. */
export type DefinedType = FunctionType | StructType | ArrayType;

const REC = 0x4e;
const SUB_FINAL = 0x4f;
const SUB = 0x50;
const ARRAY = 0x5e;
const STRUCT = 0x5f;
const FUNCTION = 0x60;

/** Where one entry of the section stands, and how many types it makes. */
export interface TypeEntry {
  readonly start: number;
  readonly end: number;
  readonly members: number;
}

/**
 * Reads the type section into the type index space, and where its entries stand.
 *
 * | bytes | entry |
 * |---|---|
 * | `60` params results | function |
 * | `5f` fields | struct |
 * | `5e` field | array |
 * | `50` or `4f` supertypes, one of the above | open or final subtype |
 * | `4e` count, entries | recursion group: one entry of the section's vector, several types |
 *
 * `01 60 01 7f 00` is one type, `(i32) -> ()`.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-typesec
 */
export function readTypeSection(
  reader: Reader,
): { readonly types: readonly DefinedType[]; readonly entries: readonly TypeEntry[] } {
  const types: DefinedType[] = [];
  const entries: TypeEntry[] = [];
  for (let left = reader.count(2); left > 0; left--) {
    const start = reader.pos;
    const first = types.length;
    if (reader.bytes[reader.pos] === REC && reader.remaining > 0) {
      reader.pos++;
      const members = reader.count(2);
      checkTypeCount(types.length + members);
      for (let left = members; left > 0; left--) types.push(readSubType(reader));
    } else {
      types.push(readSubType(reader));
    }
    entries.push({ start, end: reader.pos, members: types.length - first });
  }
  reader.finish();
  return { types, entries };
}

function readSubType(reader: Reader): DefinedType {
  let form = reader.byte();
  if (form === SUB || form === SUB_FINAL) {
    for (let supertypes = reader.count(1); supertypes > 0; supertypes--) reader.u32();
    form = reader.byte();
  }
  switch (form) {
    case FUNCTION:
      return { kind: "function", params: readValueTypes(reader), results: readValueTypes(reader) };
    case STRUCT:
      for (let fields = reader.count(2); fields > 0; fields--) readField(reader);
      return { kind: "struct" };
    case ARRAY:
      return { kind: "array", element: readField(reader) };
    default:
      return reader.fail("a type must be a function, struct or array", `0x${form.toString(16)}`, reader.pos - 1);
  }
}

function readField(reader: Reader): ValueType {
  const type = readStorageType(reader);
  reader.byte();
  return type;
}
