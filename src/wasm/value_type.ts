/**
 * Value types, read and written: what is on the operand stack, in locals, globals, tables and fields.
 *
 * @module
 */

import type { Reader } from "./reader.ts";
import type { ValueType } from "./types.ts";
import type { Writer } from "./writer.ts";

const NUMBER_TYPES: ReadonlyMap<number, ValueType> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
]);

const PACKED_TYPES: ReadonlyMap<number, ValueType> = new Map([[0x78, "i8"], [0x77, "i16"]]);

/** Abstract heap types; one alone as a value type means "reference to it, may be null". */
const HEAP_TYPES: ReadonlyMap<number, string> = new Map([
  [0x74, "noexn"],
  [0x73, "nofunc"],
  [0x72, "noextern"],
  [0x71, "none"],
  [0x70, "func"],
  [0x6f, "extern"],
  [0x6e, "any"],
  [0x6d, "eq"],
  [0x6c, "i31"],
  [0x6b, "struct"],
  [0x6a, "array"],
  [0x69, "exn"],
]);

const NULL_SHORTHAND: ReadonlyMap<string, ValueType> = new Map([
  ["noexn", "nullexnref"],
  ["nofunc", "nullfuncref"],
  ["noextern", "nullexternref"],
  ["none", "nullref"],
]);

/** `(ref null <heap type>)`: a heap type follows. */
export const REF_NULL = 0x63;
/** `(ref <heap type>)`: a heap type follows. */
export const REF = 0x64;

/**
 * Reads a heap type: an abstract one by name or a type index as a decimal number.
 *
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-heaptype
 */
export function readHeapType(reader: Reader): string {
  const start = reader.pos;
  const value = reader.s33();
  if (value >= 0) return String(value);
  const name = value >= -64 ? HEAP_TYPES.get(value & 0x7f) : undefined;
  return name ?? reader.fail("a heap type must be one of WebAssembly 3.0", value, start);
}

/**
 * Reads a value type.
 *
 * | bytes | type |
 * |---|---|
 * | `7f` to `7b` | i32, i64, f32, f64, v128 |
 * | `74` to `69` | nullable reference to an abstract heap type |
 * | `63` heap type | (ref null heap type) |
 * | `64` heap type | (ref heap type) |
 *
 * @throws {ModuleError} `MODULE_MALFORMED` for any other.
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-valtype
 */
export function readValueType(reader: Reader): ValueType {
  return readType(reader, false);
}

/**
 * Reads the type of a struct field or array element: a value type, `i8` or `i16`.
 *
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-storagetype
 */
export function readStorageType(reader: Reader): ValueType {
  return readType(reader, true);
}

function readType(reader: Reader, packedAllowed: boolean): ValueType {
  const start = reader.pos;
  const value = reader.s33();
  if (value < -64 || value >= 0) reader.fail("a value type must be one of WebAssembly 3.0", value, start);
  const code = value & 0x7f;
  if (code === REF_NULL || code === REF) {
    const heapType = readHeapType(reader);
    if (code === REF) return `(ref ${heapType})`;
    return /^\d/.test(heapType) ? `(ref null ${heapType})` : nullable(heapType);
  }
  const heapType = HEAP_TYPES.get(code);
  if (heapType !== undefined) return nullable(heapType);
  const type = NUMBER_TYPES.get(code) ?? (packedAllowed ? PACKED_TYPES.get(code) : undefined);
  return type ?? reader.fail("a value type must be one of WebAssembly 3.0", `0x${code.toString(16)}`, start);
}

function nullable(heapType: string): ValueType {
  return NULL_SHORTHAND.get(heapType) ?? `${heapType}ref`;
}

const CODES: ReadonlyMap<ValueType, number> = new Map([
  ...[...NUMBER_TYPES].map(([code, type]) => [type, code] as const),
  ...[...HEAP_TYPES].map(([code, heapType]) => [nullable(heapType), code] as const),
]);
const HEAP_CODES: ReadonlyMap<string, number> = new Map([...HEAP_TYPES].map(([code, heapType]) => [heapType, code]));

/** Writes a value type that {@linkcode readValueType} has read. */
export function writeValueType(writer: Writer, type: ValueType): void {
  const code = CODES.get(type);
  if (code !== undefined) return writer.byte(code);
  const [, nullable, heapType = ""] = /^\(ref (null )?(\w+)\)$/.exec(type) ?? [];
  writer.byte(nullable ? REF_NULL : REF);
  const heapCode = HEAP_CODES.get(heapType);
  if (heapCode === undefined) writer.positive(Number(heapType));
  else writer.byte(heapCode);
}

/**
 * Reads a vector of value types.
 *
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-resulttype
 */
export function readValueTypes(reader: Reader): ValueType[] {
  const types: ValueType[] = [];
  for (let count = reader.count(1); count > 0; count--) types.push(readValueType(reader));
  return types;
}
