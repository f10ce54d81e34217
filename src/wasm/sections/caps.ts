/**
 * How many entries and bytes each section may have.
 *
 * @module
 */

import { ModuleFault } from "../fault.ts";
import { type Section, SectionId, sectionReader } from "./list.ts";

const MIB = 1024 * 1024;
const MAX_TYPES = 100_000;

/**
 * Most entries of a kind that a module may have, and bytes of their section, each with the largest of some 800 real modules.
 *
 * V8 and this reader take memory for each entry, and V8 time for each byte of an initial value, some of it once more for
 * each instance; no other limit counts that.
 */
const CAPS = [
  /** At most 25,000, in the 76 KB of a Dart program. */
  { section: SectionId.type, what: "types", entries: MAX_TYPES, bytes: 2 * MIB },
  /** Some 5,000, in the 108 KB of the same. */
  { section: SectionId.import, what: "imports", entries: 20_000, bytes: 2 * MIB },
  /** 69,132 (DuckDB). */
  { section: SectionId.function, what: "functions", entries: 300_000, bytes: 2 * MIB },
  /** 2; a thousand by another limit. */
  { section: SectionId.table, what: "tables", entries: 10_000, bytes: 2 * MIB },
  /** 1; a hundred by another limit. */
  { section: SectionId.memory, what: "memories", entries: 10_000, bytes: 2 * MIB },
  { section: SectionId.tag, what: "exception tags", entries: 10_000, bytes: 2 * MIB },
  /** 33,795 in 243 KB (DuckDB). */
  { section: SectionId.global, what: "globals", entries: 150_000, bytes: 2 * MIB },
  /** 88,278 in 9.9 MB (DuckDB); no instance has them. */
  { section: SectionId.export, what: "exports", entries: 300_000, bytes: 32 * MIB },
  /** 2, and 108 KB (DuckDB). */
  { section: SectionId.element, what: "element segments", entries: 20_000, bytes: 2 * MIB },
  /** 85,865 (esbuild). V8's own limit, up to which the linker of Go cuts its data; 25 MB (Ruby). */
  { section: SectionId.data, what: "data segments", entries: 100_000, bytes: Infinity },
] as const;

/** Of custom sections, which are dropped unread; real modules have a few dozen. */
const MAX_CUSTOM_SECTIONS = 10_000;

/** All entries of a module together; DuckDB has 192,548. */
const MAX_ENTRIES_IN_ALL = 750_000;

/** Entries of all element segments together; DuckDB has 42,009. */
const MAX_ELEMENT_ENTRIES = 300_000;

/**
 * Entries of a passive segment: V8 makes all of them at the first use of one, 100 ns each, and nothing can stop it
 * meanwhile. No module of the 800 has a passive segment.
 */
const MAX_PASSIVE_ENTRIES = 50_000;

/** Bytes of the expressions that tell where data goes, of all data segments together; 100,000 short ones take 700 KB. */
const MAX_OFFSET_BYTES = 2 * MIB;

/**
 * Refuses sections with more entries or bytes than a module may have, before any is read.
 *
 * @throws {ModuleError} `MODULE_TOO_LARGE`
 */
export function checkSectionSizes(bytes: Uint8Array, sections: readonly Section[]): void {
  const customs = sections.filter(({ id }) => id === SectionId.custom).length;
  checkEntries("custom sections", customs, MAX_CUSTOM_SECTIONS);
  let sum = customs;
  for (const section of sections) {
    const cap = CAPS.find((row) => row.section === section.id);
    if (cap === undefined) continue;
    const reader = sectionReader(bytes, section);
    if (reader.remaining > cap.bytes) {
      throw tooLarge(`its ${reader.what} must have at most ${cap.bytes} bytes`, reader.remaining);
    }
    const entries = reader.count(1);
    checkEntries(cap.what, entries, cap.entries);
    sum += entries;
  }
  checkEntries("entries in all sections together", sum, MAX_ENTRIES_IN_ALL);
}

/** Refuses types over their cap: those of a recursion group stand under one entry of the section. */
export function checkTypeCount(types: number): void {
  checkEntries("types", types, MAX_TYPES);
}

/** Refuses the entries of one passive element segment over their cap. */
export function checkPassiveCount(entries: number): void {
  checkEntries("entries in a passive element segment", entries, MAX_PASSIVE_ENTRIES);
}

/** Refuses the entries of all element segments so far over their cap. */
export function checkElementCount(entries: number): void {
  checkEntries("entries in all element segments together", entries, MAX_ELEMENT_ENTRIES);
}

/** Refuses the expressions of all data segments so far over their cap. */
export function checkOffsetBytes(bytes: number): void {
  if (bytes > MAX_OFFSET_BYTES) {
    throw tooLarge(`the offsets of its data segments must take at most ${MAX_OFFSET_BYTES} bytes`, bytes);
  }
}

function checkEntries(what: string, count: number, max: number): void {
  if (count > max) throw tooLarge(`it must have at most ${max} ${what}`, count);
}

function tooLarge(must: string, received: number): ModuleFault {
  return new ModuleFault("MODULE_TOO_LARGE", `${must} (V8 takes memory for each that no other limit counts)`, received);
}
