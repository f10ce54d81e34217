/**
 * What a module declares: all of its sections but the code and the custom ones, decoded.
 *
 * @module
 */

import { quoted } from "../escape.ts";
import { readDataSizes } from "./sections/data.ts";
import { type ElementSegment, readElementSection } from "./sections/element.ts";
import { type ExportEntry, readExportSection } from "./sections/export.ts";
import { readFunctionSection } from "./sections/function.ts";
import { type Global, readGlobalSection } from "./sections/global.ts";
import { type Import, readImportSection } from "./sections/import.ts";
import { readMemorySection } from "./sections/memory.ts";
import type { Reader } from "./reader.ts";
import { readSections, type Section, SectionId, sectionReader } from "./sections/list.ts";
import { checkSectionSizes } from "./sections/caps.ts";
import { readStartSection } from "./sections/start.ts";
import { readTableSection, type Table } from "./sections/table.ts";
import { readTagSection } from "./sections/tag.ts";
import { type DefinedType, readTypeSection, type TypeEntry } from "./sections/type.ts";
import type { ExternType, FunctionType, GlobalType, MemoryType, TableType, TagType } from "./types.ts";

/** All that the sections before the code declare. In index spaces imports come first. */
export class Declarations {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sections: readonly Section[];
  types: readonly DefinedType[] = [];
  typeEntries: readonly TypeEntry[] = [];
  imports: readonly Import[] = [];
  exports: { readonly name: string; readonly type: ExternType }[] = [];
  /** The same as they stand in their section. */
  exportEntries: readonly ExportEntry[] = [];
  start?: number;
  readonly functions: FunctionType[] = [];
  readonly tables: TableType[] = [];
  readonly memories: MemoryType[] = [];
  readonly globals: GlobalType[] = [];
  readonly tags: TagType[] = [];
  /** What the module defines itself, with where its parts stand. */
  ownTables: readonly Table[] = [];
  ownMemories: readonly MemoryType[] = [];
  ownGlobals: readonly Global[] = [];
  elementSegments: readonly ElementSegment[] = [];
  /** Bytes of each data segment. */
  dataSizes: readonly number[] = [];
  importedFunctions = 0;

  /**
   * Reads all sections but the code.
   *
   * @throws {ModuleError} `MODULE_NOT_WASM`, `MODULE_MALFORMED`, `MODULE_TOO_LARGE`, `MODULE_UNKNOWN_OPCODE`,
   * `MODULE_USES_THREADS`.
   */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    this.sections = readSections(bytes);
    checkSectionSizes(bytes, this.sections);
    for (const section of this.sections) this.#read(section);
  }

  /** The section with this id, if the module has one; of custom sections, which may be many, the first. */
  section(id: number): Section | undefined {
    return this.sections.find((section) => section.id === id);
  }

  /** The custom section of this name, if the module has one; the first, if there are more. */
  customSection(name: string): Section | undefined {
    return this.sections.find((section) => section.id === SectionId.custom && section.name === name);
  }

  #read(section: Section): void {
    const reader = sectionReader(this.bytes, section);
    switch (section.id) {
      case SectionId.type:
        ({ types: this.types, entries: this.typeEntries } = readTypeSection(reader));
        break;
      case SectionId.import:
        this.imports = readImportSection(reader, this.types);
        for (const { type } of this.imports) this.#declare(type);
        this.importedFunctions = this.functions.length;
        break;
      case SectionId.function:
        for (const type of readFunctionSection(reader, this.types)) this.functions.push(type);
        break;
      case SectionId.table:
        this.ownTables = readTableSection(reader);
        for (const { type } of this.ownTables) this.tables.push(type);
        break;
      case SectionId.memory:
        this.ownMemories = readMemorySection(reader);
        for (const type of this.ownMemories) this.memories.push(type);
        break;
      case SectionId.tag:
        for (const type of readTagSection(reader, this.types)) this.tags.push(type);
        break;
      case SectionId.global:
        this.ownGlobals = readGlobalSection(reader);
        for (const { type } of this.ownGlobals) this.globals.push(type);
        break;
      case SectionId.export:
        this.#readExports(reader);
        break;
      case SectionId.element:
        this.elementSegments = readElementSection(reader);
        break;
      case SectionId.data:
        this.dataSizes = readDataSizes(reader);
        break;
      case SectionId.start:
        this.start = readStartSection(reader);
        break;
    }
  }

  #declare(type: ExternType): void {
    switch (type.kind) {
      case "function":
        this.functions.push(type);
        break;
      case "table":
        this.tables.push(type);
        break;
      case "memory":
        this.memories.push(type);
        break;
      case "global":
        this.globals.push(type);
        break;
      case "tag":
        this.tags.push(type);
        break;
    }
  }

  #readExports(reader: Reader): void {
    // In the order of ExternKind.
    const spaces: readonly (readonly ExternType[])[] = [
      this.functions,
      this.tables,
      this.memories,
      this.globals,
      this.tags,
    ];
    this.exportEntries = readExportSection(reader);
    for (const { name, kind, index } of this.exportEntries) {
      const type = spaces[kind]?.[index];
      if (type === undefined) reader.fail(`the export ${quoted(name)} must exist`, `index ${index}`);
      this.exports.push({ name, type });
    }
  }
}
