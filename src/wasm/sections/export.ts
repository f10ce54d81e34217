/**
 * The export section: what the host can reach.
 *
 * @module
 */

import { quoted } from "../../escape.ts";
import type { Reader } from "../reader.ts";

/** Cohorts of what can be exported, as the binary format numbers them. */
export const ExternKind = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** One export before its index is resolved. */
export interface ExportEntry {
  readonly name: string;
  /** One of {@linkcode ExternKind}. */
  readonly kind: number;
  readonly index: number;
}

/**
 * Reads the export section: per entry a name, a kind and an index; names are unique.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-exportsec
 */
export function readExportSection(reader: Reader): ExportEntry[] {
  const entries: ExportEntry[] = [];
  const names = new Set<string>();
  for (let count = reader.count(3); count > 0; count--) {
    const start = reader.pos;
    const name = reader.name();
    if (names.has(name)) reader.fail("export names must be unique", `${quoted(name)} again`, start);
    names.add(name);
    const kind = reader.byte();
    if (kind > 4) reader.fail("an export's kind must be 0 to 4", kind, reader.pos - 1);
    entries.push({ name, kind, index: reader.u32() });
  }
  reader.finish();
  return entries;
}
