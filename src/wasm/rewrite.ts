/**
 * The rewritten module, section by section.
 *
 * @module
 */

import type { BulkHelpers } from "./bulk_helpers.ts";
import { type ExportEntry, ExternKind } from "./sections/export.ts";
import type { Declarations } from "./declarations.ts";
import { writeLimits } from "./limits.ts";
import { EPOCH_EXPORT, memoryExport, START_EXPORT, TRAP_EXPORT } from "./reserved_exports.ts";
import { type Section, SECTION_ORDER, SectionId, sectionReader } from "./sections/list.ts";
import type { Limits, MemoryType } from "./types.ts";
import type { Writer } from "./writer.ts";

/** What {@linkcode writeModule} puts in place of, or after, the module's own. */
export interface Rewrite {
  /** Those that the module defines. */
  readonly memories: readonly MemoryType[];
  readonly tables: readonly Limits[];
  /** True for an export of the module's own that stays. */
  readonly keepsExport: (name: string) => boolean;
  /** Functions appended after the trap function, and their types. */
  readonly bulk: BulkHelpers;
  /** The code section, with the code of the trap function and of those. */
  readonly code: Uint8Array;
}

/** Sections that the rewrite adds an entry to, made if the module has none. */
const REQUIRED: readonly number[] = [
  SectionId.type,
  SectionId.function,
  SectionId.memory,
  SectionId.export,
  SectionId.code,
];

const FUNCTION_TYPE = 0x60;
/** `() -> ()`, without the leading byte. */
const EMPTY_TYPE = Uint8Array.of(0, 0);

/** An element segment that only declares functions, so that `ref.func` may name them: a vector of their indices follows. */
const DECLARED_FUNCTIONS = [3, 0];

const EPOCH_LIMITS: Limits = { min: 1, max: 1, shared: true, index64: false };

/**
 * Writes the module with its bounded memories and tables and its rewritten code, and at the end of their index spaces the
 * epoch memory, the trap function, the functions for bulk instructions and the exports. A start function becomes an
 * export, and so does each memory that the module defines. Exports that nobody needs go, because each instance takes
 * memory for each; what `ref.func` may name because it was exported is declared instead. No index of the module's own
 * changes, and no custom section stays.
 *
 * @returns Where the code section is in it.
 */
export function writeModule(writer: Writer, declarations: Declarations, rewrite: Rewrite): number {
  const { bytes } = declarations;
  let codeAt = 0;
  writer.copy(bytes, 0, 8);
  const emptyType = declarations.types.findIndex((type) =>
    type.kind === "function" && type.params.length === 0 && type.results.length === 0
  );
  const importedMemories = declarations.memories.length - declarations.ownMemories.length;
  const keptExports = declarations.exportEntries.filter(({ name }) => rewrite.keepsExport(name));
  const undeclared = functionsOf(declarations.exportEntries.filter(({ name }) => !rewrite.keepsExport(name)));
  const { types } = rewrite.bulk;
  const newTypes = emptyType < 0 ? [...types, EMPTY_TYPE] : types;
  const trapType = emptyType < 0 ? declarations.types.length + types.length : emptyType;

  function write(id: number, section: Section | undefined): void {
    switch (id) {
      case SectionId.type:
        if (newTypes.length === 0) return copySection(section);
        return appendTo(id, section, newTypes.length, () => {
          for (const type of newTypes) {
            writer.byte(FUNCTION_TYPE);
            writer.copy(type);
          }
        });
      case SectionId.function: {
        const { helpers } = rewrite.bulk;
        return appendTo(id, section, 1 + helpers.length, () => {
          writer.u32(trapType);
          for (const { type } of helpers) writer.u32(declarations.types.length + type);
        });
      }
      case SectionId.export:
        return writeExports();
      case SectionId.element:
        return undeclared.length === 0 ? copySection(section) : appendTo(id, section, 1, () => {
          for (const byte of DECLARED_FUNCTIONS) writer.byte(byte);
          writer.u32(undeclared.length);
          for (const index of undeclared) writer.u32(index);
        });
      case SectionId.start:
        return;
      case SectionId.memory:
        return writeMemories();
      case SectionId.table:
        return writeTables();
      case SectionId.code:
        codeAt = writer.length;
        return writer.copy(rewrite.code);
      default:
        copySection(section);
    }
  }

  function copySection(section: Section | undefined): void {
    if (section) writer.copy(bytes, section.offset, section.end);
  }

  function appendTo(id: number, section: Section | undefined, count: number, append: () => void): void {
    const mark = writer.beginSection(id);
    if (section === undefined) {
      writer.u32(count);
    } else {
      const reader = sectionReader(bytes, section);
      writer.u32(reader.u32() + count);
      writer.copy(bytes, reader.pos, section.end);
    }
    append();
    writer.endSection(mark);
  }

  function writeExports(): void {
    const mark = writer.beginSection(SectionId.export);
    writer.u32(keptExports.length + declarations.ownMemories.length + (declarations.start === undefined ? 2 : 3));
    for (const { name, kind, index } of keptExports) writeExport(name, kind, index);
    rewrite.memories.forEach((_, number) =>
      writeExport(memoryExport(number), ExternKind.memory, importedMemories + number)
    );
    writeExport(EPOCH_EXPORT, ExternKind.memory, declarations.memories.length);
    writeExport(TRAP_EXPORT, ExternKind.function, declarations.functions.length);
    if (declarations.start !== undefined) writeExport(START_EXPORT, ExternKind.function, declarations.start);
    writer.endSection(mark);
  }

  function writeExport(name: string, kind: number, index: number): void {
    writer.name(name);
    writer.byte(kind);
    writer.u32(index);
  }

  function writeMemories(): void {
    const mark = writer.beginSection(SectionId.memory);
    writer.u32(rewrite.memories.length + 1);
    for (const memory of rewrite.memories) writeLimits(writer, memory);
    writeLimits(writer, EPOCH_LIMITS);
    writer.endSection(mark);
  }

  function writeTables(): void {
    const mark = writer.beginSection(SectionId.table);
    writer.u32(declarations.ownTables.length);
    declarations.ownTables.forEach((table, index) => {
      const limits = rewrite.tables[index] ?? table.type;
      // An untouched maximum may be one above 2^53, which only its own bytes hold exactly.
      if (limits === table.type) return writer.copy(bytes, table.start, table.end);
      writer.copy(bytes, table.start, table.limitsStart);
      writeLimits(writer, limits);
      writer.copy(bytes, table.limitsEnd, table.end);
    });
    writer.endSection(mark);
  }

  const required = undeclared.length === 0 ? REQUIRED : [...REQUIRED, SectionId.element];
  const missing = SECTION_ORDER.filter((id) =>
    required.includes(id) && !declarations.sections.some((s) => s.id === id)
  );
  for (const section of declarations.sections) {
    // V8 would keep their bytes as long as the module lives, and nothing here reads them.
    if (section.id === SectionId.custom) continue;
    const place = SECTION_ORDER.indexOf(section.id);
    while (missing[0] !== undefined && SECTION_ORDER.indexOf(missing[0]) < place) {
      write(missing.shift() ?? 0, undefined);
    }
    write(section.id, section);
  }
  for (const id of missing) write(id, undefined);
  return codeAt;
}

/** Indices of the functions among these exports, each once. */
function functionsOf(entries: readonly ExportEntry[]): readonly number[] {
  return [...new Set(entries.filter(({ kind }) => kind === ExternKind.function).map(({ index }) => index))];
}
