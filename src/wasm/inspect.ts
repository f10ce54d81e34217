/**
 * What a module declares, for those who do not rewrite it.
 *
 * @module
 */

import { readModuleName, readProducers } from "./sections/custom.ts";
import type { Import } from "./sections/import.ts";
import { Declarations } from "./declarations.ts";
import { SectionId } from "./sections/list.ts";
import type { ExternType, MemoryType, TableType } from "./types.ts";

/** What a module declares, read without compiling it. */
export interface ModuleInfo {
  /** In the module's order; the same import may stand twice. */
  readonly imports: readonly Import[];
  /** In the module's order, each with its type, also if what it exports is an import. */
  readonly exports: readonly { readonly name: string; readonly type: ExternType }[];
  /** All memories, imported ones first. */
  readonly memories: readonly MemoryType[];
  /** All tables, imported ones first. */
  readonly tables: readonly TableType[];
  /** All functions, imported ones included. */
  readonly functionCount: number;
  /** Index of the start function, which runs at instantiation. */
  readonly start?: number;
  /** From the name section. */
  readonly name?: string;
  /** In the module's order; a name may stand twice, and `byteLength` leaves it out. */
  readonly customSections: readonly { readonly name: string; readonly byteLength: number }[];
  /** What the producers section says, for humans: `language Rust`, `processed-by clang 14.0.6`. */
  readonly producers: readonly string[];
}

/**
 * Reads a module's imports, exports, memories, tables and names, without looking at its code.
 *
 * What is read is checked (counts, indices, order, UTF-8); whether the module is valid as a whole only V8 knows.
 *
 * @throws {ModuleError} `MODULE_NOT_WASM` for another file or a component, `MODULE_MALFORMED` for broken sections,
 * `MODULE_UNKNOWN_OPCODE` and `MODULE_USES_THREADS` for the initial value of a global or table.
 */
export function inspectModule(bytes: Uint8Array<ArrayBuffer>): ModuleInfo {
  return describeDeclarations(new Declarations(bytes));
}

/** {@linkcode ModuleInfo} of a module whose sections were read before. */
export function describeDeclarations(declarations: Declarations): ModuleInfo {
  const customs = declarations.sections.filter((section) => section.id === SectionId.custom);
  const names = declarations.customSection("name");
  const producers = declarations.customSection("producers");
  return {
    imports: declarations.imports,
    exports: declarations.exports,
    memories: declarations.memories,
    tables: declarations.tables,
    functionCount: declarations.functions.length,
    start: declarations.start,
    name: names && readModuleName(declarations.bytes, names),
    customSections: customs.map(({ name, start, end }) => ({ name, byteLength: end - start })),
    producers: producers ? readProducers(declarations.bytes, producers) : [],
  };
}
