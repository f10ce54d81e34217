import { ModuleFault } from "./fault.ts";
import { type Section, SectionId, sectionReader } from "./sections.ts";

const MAX_TYPES = 100_000;

/**
 * Most entries of a kind that a module may have, each with what the largest of some 800 real modules has.
 *
 * V8 and this reader take memory for each entry, some of it once more for each instance, and no other limit counts that.
 */
const ENTRY_CAPS = [
  /** At most 25,000, in the 76 KB of a Dart program. */
  { section: SectionId.type, what: "types", max: MAX_TYPES },
  /** Some 5,000, in the 108 KB of the same. */
  { section: SectionId.import, what: "imports", max: 20_000 },
  /** 133,398 (clang). V8 keeps 600 bytes for each, whatever is in it. */
  { section: SectionId.function, what: "functions", max: 300_000 },
  /** 33,795 (DuckDB). */
  { section: SectionId.global, what: "globals", max: 150_000 },
  /** 88,278 (DuckDB). */
  { section: SectionId.export, what: "exports", max: 300_000 },
  { section: SectionId.tag, what: "exception tags", max: 10_000 },
  /** 2. */
  { section: SectionId.element, what: "element segments", max: 20_000 },
  /** 85,865 (esbuild). V8's own limit, up to which the linker of Go cuts its data. */
  { section: SectionId.data, what: "data segments", max: 100_000 },
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

/** Bytes of each section that becomes objects of V8 and of this reader; the exports of DuckDB have 9.9 MB. */
const MAX_SECTION_BYTES = 32 * 1024 * 1024;
const UNBOUNDED_BYTES: readonly number[] = [SectionId.custom, SectionId.code, SectionId.data];

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
    const byteLength = section.end - section.start;
    if (!UNBOUNDED_BYTES.includes(section.id) && byteLength > MAX_SECTION_BYTES) {
      const { what } = sectionReader(bytes, section);
      throw tooLarge(`its ${what} must have at most ${MAX_SECTION_BYTES} bytes`, byteLength);
    }
    const cap = ENTRY_CAPS.find((row) => row.section === section.id);
    if (cap === undefined) continue;
    const entries = sectionReader(bytes, section).count(1);
    checkEntries(cap.what, entries, cap.max);
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

function checkEntries(what: string, count: number, max: number): void {
  if (count > max) throw tooLarge(`it must have at most ${max} ${what}`, count);
}

function tooLarge(must: string, received: number): ModuleFault {
  return new ModuleFault("MODULE_TOO_LARGE", `${must} (V8 takes memory for each that no other limit counts)`, received);
}
