/**
 * The sections of a module: what they are called, in which order they stand, and where.
 *
 * @module
 */

import { checkHeader, HEADER_BYTES } from "../header.ts";
import { Reader } from "../reader.ts";

/** Section ids of the binary format. */
export const SectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** Section ids in the order in which they must stand; custom sections stand anywhere. */
export const SECTION_ORDER: readonly number[] = [
  SectionId.type,
  SectionId.import,
  SectionId.function,
  SectionId.table,
  SectionId.memory,
  SectionId.tag,
  SectionId.global,
  SectionId.export,
  SectionId.start,
  SectionId.element,
  SectionId.dataCount,
  SectionId.code,
  SectionId.data,
];

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(SectionId).map(([name, id]) => [id, name]));

/** Where one section's contents stand in the module. */
export interface Section {
  readonly id: number;
  /** Offset of the first byte of the contents; for a custom section, just past its name. */
  readonly start: number;
  readonly end: number;
  /** A custom section's name, empty for the others. */
  readonly name: string;
  /** Offset of the section's id byte: `[offset, end)` is the section with its header. */
  readonly offset: number;
}

/** A reader over one section's contents. */
export function sectionReader(bytes: Uint8Array, section: Section): Reader {
  return new Reader(bytes, `${NAMES.get(section.id)} section`, section.start, section.end);
}

/**
 * Checks a module's header, then splits it into its sections, checking order and duplicates.
 *
 * Each section has an id (1 byte), a size (LEB128) and contents, which in a custom section begin with its name.
 *
 * @throws {ModuleError} `MODULE_NOT_WASM` for another file or a component, `MODULE_MALFORMED` for broken sections.
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-section
 */
export function readSections(bytes: Uint8Array): Section[] {
  checkHeader(bytes);
  const sections: Section[] = [];
  const reader = new Reader(bytes, "list of sections", HEADER_BYTES);
  let last = -1;
  while (reader.remaining > 0) {
    const offset = reader.pos;
    const id = reader.byte();
    const place = id === SectionId.custom ? last : SECTION_ORDER.indexOf(id);
    if (id !== SectionId.custom && place < 0) reader.fail("a section id must be 0 to 13", id, offset);
    const size = reader.count(1);
    const start = reader.pos;
    const end = start + size;
    if (id === SectionId.custom) {
      const custom = new Reader(bytes, "custom section", start, end);
      sections.push({ id, name: custom.name(), start: custom.pos, end, offset });
    } else {
      if (place <= last) {
        const before = SECTION_ORDER[last];
        reader.fail(
          "each section must stand once and in order",
          `the ${NAMES.get(id)} section after the ${before === undefined ? "start" : NAMES.get(before)} section`,
          offset,
        );
      }
      last = place;
      sections.push({ id, name: "", start, end, offset });
    }
    reader.pos = end;
  }
  return sections;
}
