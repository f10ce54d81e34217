import type { BulkHelpers } from "./bulk_helpers.ts";
import { ExternKind } from "./export_section.ts";
import { ModuleFault } from "./fault.ts";
import type { Layout } from "./layout.ts";
import { writeLimits } from "./limits.ts";
import { type Section, SECTION_ORDER, SectionId, sectionReader } from "./sections.ts";
import type { Limits, MemoryType } from "./types.ts";
import type { Writer } from "./writer.ts";

/** What {@linkcode writeModule} puts in place of, or after, the module's own. */
export interface Rewrite {
  readonly memories: readonly MemoryType[];
  readonly tables: readonly Limits[];
  readonly epochExport: string;
  readonly trapExport: string;
  /** Name under which the start function is exported, instead of being run by the instantiation. */
  readonly startExport: string;
  /** Functions appended after the trap function, and their types. */
  readonly bulk: BulkHelpers;
  /** The code section, with the code of the trap function and of those. */
  readonly code: Uint8Array;
}

/** Limits of V8 that one more entry can exceed (its wasm-limits.h). */
const MAX_V8_TYPES = 1_000_000;
const MAX_V8_FUNCTIONS = 1_000_000;
const MAX_V8_EXPORTS = 1_000_000;

/** Sections that the rewrite adds an entry to, made if the module has none. */
const REQUIRED: readonly number[] = [
  SectionId.type,
  SectionId.function,
  SectionId.memory,
  SectionId.export,
  SectionId.code,
];

/** Contents that speak of code offsets, which the inserted checks shift, or that only a linker or debugger reads. */
const STALE_CUSTOM = /^(\.debug_|reloc\.|metadata\.code\.|linking$|sourceMappingURL$|external_debug_info$)/;

const FUNCTION_TYPE = 0x60;
/** `() -> ()`, without the leading byte. */
const EMPTY_TYPE = Uint8Array.of(0, 0);

const EPOCH_LIMITS: Limits = { min: 1, max: 1, shared: true, index64: false };

/**
 * Writes the module with its bounded memories and tables and its rewritten code, and at the end of their index spaces the
 * epoch memory, the trap function, the functions for bulk instructions and the exports. A start function becomes an export. No index of
 * the module's own changes.
 *
 * @throws {ModuleError} `MODULE_TOO_LARGE` if an appended entry is one more than V8 allows.
 */
export function writeModule(writer: Writer, layout: Layout, rewrite: Rewrite): void {
  const { bytes } = layout;
  writer.copy(bytes, 0, 8);
  const emptyType = layout.types.findIndex((type) =>
    type.kind === "function" && type.params.length === 0 && type.results.length === 0
  );
  const { types } = rewrite.bulk;
  const newTypes = emptyType < 0 ? [...types, EMPTY_TYPE] : types;
  const trapType = emptyType < 0 ? layout.types.length + types.length : emptyType;

  function write(id: number, section: Section | undefined): void {
    switch (id) {
      case SectionId.type:
        if (newTypes.length === 0) return copySection(section);
        checkCount("types", layout.types.length + newTypes.length, MAX_V8_TYPES);
        return appendTo(id, section, newTypes.length, () => {
          for (const type of newTypes) {
            writer.byte(FUNCTION_TYPE);
            writer.copy(type);
          }
        });
      case SectionId.function: {
        const { helpers } = rewrite.bulk;
        const own = layout.functions.length - layout.importedFunctions;
        checkCount("functions", own + 1 + helpers.length, MAX_V8_FUNCTIONS);
        return appendTo(id, section, 1 + helpers.length, () => {
          writer.u32(trapType);
          for (const { type } of helpers) writer.u32(layout.types.length + type);
        });
      }
      case SectionId.export:
        checkCount("exports", layout.exports.length + 3, MAX_V8_EXPORTS);
        return appendTo(id, section, layout.start === undefined ? 2 : 3, () => {
          writer.name(rewrite.epochExport);
          writer.byte(ExternKind.memory);
          writer.u32(layout.memories.length);
          writer.name(rewrite.trapExport);
          writer.byte(ExternKind.function);
          writer.u32(layout.functions.length);
          if (layout.start === undefined) return;
          writer.name(rewrite.startExport);
          writer.byte(ExternKind.function);
          writer.u32(layout.start);
        });
      case SectionId.start:
        return;
      case SectionId.memory:
        return writeMemories();
      case SectionId.table:
        return writeTables();
      case SectionId.code:
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

  function writeMemories(): void {
    const mark = writer.beginSection(SectionId.memory);
    writer.u32(rewrite.memories.length + 1);
    for (const memory of rewrite.memories) writeLimits(writer, memory);
    writeLimits(writer, EPOCH_LIMITS);
    writer.endSection(mark);
  }

  function writeTables(): void {
    const mark = writer.beginSection(SectionId.table);
    writer.u32(layout.ownTables.length);
    layout.ownTables.forEach((table, index) => {
      const limits = rewrite.tables[index] ?? table.type;
      // An untouched maximum may be one above 2^53, which only its own bytes hold exactly.
      if (limits === table.type) return writer.copy(bytes, table.start, table.end);
      writer.copy(bytes, table.start, table.limitsStart);
      writeLimits(writer, limits);
      writer.copy(bytes, table.limitsEnd, table.end);
    });
    writer.endSection(mark);
  }

  const missing = SECTION_ORDER.filter((id) => REQUIRED.includes(id) && !layout.sections.some((s) => s.id === id));
  for (const section of layout.sections) {
    if (section.id === SectionId.custom) {
      if (!STALE_CUSTOM.test(section.name)) copySection(section);
      continue;
    }
    const place = SECTION_ORDER.indexOf(section.id);
    while (missing[0] !== undefined && SECTION_ORDER.indexOf(missing[0]) < place) {
      write(missing.shift() ?? 0, undefined);
    }
    write(section.id, section);
  }
  for (const id of missing) write(id, undefined);
}

function checkCount(what: string, count: number, limit: number): void {
  if (count > limit) {
    throw new ModuleFault(
      "MODULE_TOO_LARGE",
      `V8 allows at most ${limit} ${what}, those for the deadline included`,
      count,
    );
  }
}
