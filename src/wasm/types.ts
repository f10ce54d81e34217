/**
 * The types of the binary format, and how messages write them.
 *
 * @module
 */

/** A value type in its text form: `i32`, `v128`, `funcref`, `(ref null 3)`, or a packed field type `i8`. */
export type ValueType = string;

/** The type of a function. */
export interface FunctionType {
  /** Byte `00` in an import or export. */
  readonly kind: "function";
  /** In order, none of them packed. */
  readonly params: readonly ValueType[];
  /** In order, none of them packed. */
  readonly results: readonly ValueType[];
}

/** Bounds of a memory (in its pages, 64 KiB each) or of a table (in entries). */
export interface Limits {
  /** What it starts with. Above 2^53 (64-bit memories only) the nearest number. */
  readonly min: number;
  /** Absent if the module declares none. Above 2^53 (64-bit memories only) the nearest number. */
  readonly max?: number;
  /** Declared for use by several threads. */
  readonly shared: boolean;
  /** Addressed by i64 instead of i32. */
  readonly index64: boolean;
}

/** The type of a memory, its limits in pages. */
export interface MemoryType extends Limits {
  /** Byte `02` in an import or export. */
  readonly kind: "memory";
}

/** The type of a table, its limits in entries. */
export interface TableType extends Limits {
  /** Byte `01` in an import or export. */
  readonly kind: "table";
  /** A reference type, if the module is valid. */
  readonly elementType: ValueType;
}

/** The type of a global. */
export interface GlobalType {
  /** Byte `03` in an import or export. */
  readonly kind: "global";
  /** Never packed. */
  readonly valueType: ValueType;
  /** False for a constant. */
  readonly mutable: boolean;
}

/** The type of an exception tag: what a throw carries. */
export interface TagType {
  /** Byte `04` in an import or export. */
  readonly kind: "tag";
  /** In order, none of them packed; a valid tag has no results. */
  readonly params: readonly ValueType[];
}

/** The type of something that can be imported or exported. */
export type ExternType = FunctionType | MemoryType | TableType | GlobalType | TagType;

function formatLimits(limits: Limits, unit: string): string {
  const bounds = limits.max === undefined ? `${limits.min} or more` : `${limits.min} to ${limits.max}`;
  return `${bounds} ${unit}${limits.index64 ? ", 64-bit" : ""}${limits.shared ? ", shared" : ""}`;
}

/**
 * The type in words for an error message.
 *
 * `(i32, i32) -> i64`, `() -> ()`, `memory (1 to 16 pages)`, `table of funcref (2 or more entries)`,
 * `mutable global i32`, `tag (i32)`.
 */
export function formatType(type: ExternType): string {
  switch (type.kind) {
    case "function": {
      const results = type.results.length === 1 ? type.results[0] : `(${type.results.join(", ")})`;
      return `(${type.params.join(", ")}) -> ${results}`;
    }
    case "memory":
      return `memory (${formatLimits(type, "pages")})`;
    case "table":
      return `table of ${type.elementType} (${formatLimits(type, "entries")})`;
    case "global":
      return `${type.mutable ? "mutable " : ""}global ${type.valueType}`;
    case "tag":
      return `tag (${type.params.join(", ")})`;
  }
}
