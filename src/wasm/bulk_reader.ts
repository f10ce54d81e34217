/**
 * Reads bulk instructions: those of WebAssembly that can take longer the larger an operand is.
 *
 * @module
 */

import type { BulkOperation, BulkTargets, Range } from "./bulk_operation.ts";
import type { Declarations } from "./declarations.ts";
import { Reader } from "./reader.ts";
import type { ValueType } from "./types.ts";

/**
 * Most bytes of one array made at once: V8 takes 1 ms for each MiB, and an array cannot be made in pieces, because its type
 * may be immutable or have no default. V8's own limit is 1 GiB.
 */
export const MAX_ARRAY_BYTES = 8 * 1024 * 1024;

/** V8's own limit on the maximum of one table (its wasm-limits.h). */
const MAX_V8_ENTRIES = 10_000_000;

/**
 * Reads one instruction that may run long. Undefined for one that cannot: it is short whatever its operands are.
 *
 * @see https://webassembly.github.io/spec/core/binary/instructions.html#binary-instr
 */
export function readBulkOperation(
  targets: BulkTargets,
  bytes: Uint8Array,
  start: number,
  end: number,
): BulkOperation | undefined {
  const reader = new Reader(bytes, "code section", start, end);
  const prefix = reader.byte();
  if (prefix === 0xfc) return readMemoryOrTable(targets, reader);
  if (prefix === 0xfb) return readArray(targets, reader);
  return undefined;
}

function readMemoryOrTable(targets: BulkTargets, reader: Reader): BulkOperation | undefined {
  const { declarations } = targets;
  switch (reader.u32()) {
    case 8: { // memory.init
      const segment = reader.u32();
      const memory = reader.u32();
      if ((targets.dataSizes[segment] ?? 0) <= targets.pieces.bytes) return undefined;
      return cut([memoryIndex(declarations, memory), "i32", "i32"], targets.pieces.bytes, [
        within("memory", memory),
        SEGMENT,
      ]);
    }
    case 10: { // memory.copy
      const [to, from] = [reader.u32(), reader.u32()];
      const indices = [memoryIndex(declarations, to), memoryIndex(declarations, from)];
      return cut([...indices, narrower(indices)], targets.pieces.bytes, [
        within("memory", to),
        within("memory", from, 1),
      ]);
    }
    case 11: { // memory.fill
      const memory = reader.u32();
      const index = memoryIndex(declarations, memory);
      return cut([index, "i32", index], targets.pieces.bytes, [within("memory", memory)]);
    }
    case 12: { // table.init
      const segment = reader.u32();
      const table = reader.u32();
      if ((targets.elementCounts[segment] ?? 0) <= targets.pieces.entries || isSmall(targets, table)) return undefined;
      return cut([tableIndex(declarations, table), "i32", "i32"], targets.pieces.entries, [
        within("table", table),
        SEGMENT,
      ]);
    }
    case 14: { // table.copy
      const [to, from] = [reader.u32(), reader.u32()];
      if (isSmall(targets, to) || isSmall(targets, from)) return undefined;
      const indices = [tableIndex(declarations, to), tableIndex(declarations, from)];
      return cut([...indices, narrower(indices)], targets.pieces.entries, [
        within("table", to),
        within("table", from, 1),
      ]);
    }
    case 15: { // table.grow
      const table = reader.u32();
      const own = table - (declarations.tables.length - declarations.ownTables.length);
      // Of an imported table nobody here knows how far it can grow.
      if (own < 0 || isSmall(targets, table)) return undefined;
      const index = tableIndex(declarations, table);
      const params = [declarations.tables[table]?.elementType ?? "", index];
      const ranges = [within("table", table, 1)];
      return {
        kind: "grow",
        params,
        results: [index],
        piece: targets.pieces.entries,
        ranges,
        max: maxEntries(targets, table),
      };
    }
    case 17: { // table.fill
      const table = reader.u32();
      if (isSmall(targets, table)) return undefined;
      const index = tableIndex(declarations, table);
      return cut([index, declarations.tables[table]?.elementType ?? "", index], targets.pieces.entries, [
        within("table", table),
      ]);
    }
    default:
      return undefined;
  }
}

function readArray(targets: BulkTargets, reader: Reader): BulkOperation | undefined {
  const opcode = reader.u32();
  const type = reader.u32();
  const element = elementOf(targets.declarations, type);
  const array = `(ref null ${type})`;
  const own: Range = { operand: 1, of: "array", index: 0, step: 1 };
  const most = Math.floor(MAX_ARRAY_BYTES / byteSize(element));
  const make = (params: ValueType[]): BulkOperation => (
    { kind: "make", params, results: [`(ref ${type})`], piece: most, ranges: [], max: most }
  );
  switch (opcode) {
    case 6: // array.new
      return make([unpacked(element), "i32"]);
    case 7: // array.new_default
      return make(["i32"]);
    case 9: // array.new_data
      return (targets.dataSizes[reader.u32()] ?? 0) <= MAX_ARRAY_BYTES ? undefined : make(["i32", "i32"]);
    case 10: // array.new_elem
      return (targets.elementCounts[reader.u32()] ?? 0) <= most ? undefined : make(["i32", "i32"]);
    case 16: // array.fill
      return cut([array, "i32", unpacked(element), "i32"], targets.pieces.elements, [own]);
    case 17: { // array.copy
      const from: Range = { operand: 3, of: "array", index: 2, step: 1 };
      return cut([array, "i32", `(ref null ${reader.u32()})`, "i32", "i32"], targets.pieces.elements, [own, from]);
    }
    case 18: { // array.init_data
      const step = byteSize(element);
      if ((targets.dataSizes[reader.u32()] ?? 0) <= targets.pieces.elements * step) return undefined;
      return cut([array, "i32", "i32", "i32"], targets.pieces.elements, [own, {
        operand: 2,
        of: "segment",
        index: 0,
        step,
      }]);
    }
    case 19: { // array.init_elem
      if ((targets.elementCounts[reader.u32()] ?? 0) <= targets.pieces.entries) return undefined;
      const from: Range = { operand: 2, of: "segment", index: 0, step: 1 };
      return cut([array, "i32", "i32", "i32"], targets.pieces.entries, [own, from]);
    }
    default:
      return undefined;
  }
}

const SEGMENT: Range = { operand: 1, of: "segment", index: 0, step: 1 };

function within(of: "memory" | "table", index: number, operand = 0): Range {
  return { operand, of, index, step: 1 };
}

function cut(params: ValueType[], piece: number, ranges: Range[]): BulkOperation {
  return { kind: "cut", params, results: [], piece, ranges, max: 0 };
}

function memoryIndex(declarations: Declarations, memory: number): ValueType {
  return declarations.memories[memory]?.index64 ? "i64" : "i32";
}

function tableIndex(declarations: Declarations, table: number): ValueType {
  return declarations.tables[table]?.index64 ? "i64" : "i32";
}

function narrower(indices: readonly ValueType[]): ValueType {
  return indices.includes("i32") ? "i32" : "i64";
}

/** Entries that a table can have at most. */
function maxEntries({ declarations, tables }: BulkTargets, table: number): number {
  const imported = declarations.tables.length - declarations.ownTables.length;
  const limits = table < imported ? declarations.tables[table] : tables[table - imported];
  return Math.min(limits?.max ?? Infinity, MAX_V8_ENTRIES);
}

function isSmall(targets: BulkTargets, table: number): boolean {
  return maxEntries(targets, table) <= targets.pieces.entries;
}

function elementOf(declarations: Declarations, type: number): ValueType {
  const defined = declarations.types[type];
  return defined?.kind === "array" ? defined.element : "";
}

function unpacked(type: ValueType): ValueType {
  return type === "i8" || type === "i16" ? "i32" : type;
}

const BYTE_SIZES: ReadonlyMap<ValueType, number> = new Map([
  ["i8", 1],
  ["i16", 2],
  ["i32", 4],
  ["f32", 4],
  ["v128", 16],
]);

/** Bytes of one array element; of a reference as in a V8 without pointer compression. */
function byteSize(element: ValueType): number {
  return BYTE_SIZES.get(element) ?? 8;
}
