/**
 * Bounds of what memories and tables can grow to.
 *
 * @module
 */

import { clampMaxima } from "./clamp.ts";
import { ModuleFault } from "./fault.ts";
import type { Declarations } from "./declarations.ts";
import type { Limits, MemoryType } from "./types.ts";

/** Most memories a module may define: V8 takes 10 microseconds and 10 GB of addresses for each memory. */
export const MAX_MEMORIES = 100;
/** The same of tables. */
export const MAX_TABLES = 1000;

/** V8's own limits on the maximum of one memory and one table (its wasm-limits.h). */
const MAX_V8_PAGES = 65_536;
const MAX_V8_PAGES_64 = 262_144;
const MAX_V8_ENTRIES = 10_000_000;

const PAGES_PER_MEBIBYTE = 16;

/**
 * All of the module's memories, imported ones first, with maxima that together stay within `maxPages`.
 *
 * @throws {ModuleError} `MODULE_MEMORY_TOO_LARGE` if the minima do not fit or there are more than 100,
 * `MODULE_USES_THREADS` if one is shared.
 */
export function boundMemories(declarations: Declarations, maxPages: number): MemoryType[] {
  if (declarations.memories.some(({ shared }) => shared)) {
    throw new ModuleFault(
      "MODULE_USES_THREADS",
      "its memory must not be shared, because a module must not use threads",
      "a shared memory. Build it without threads and atomics",
    );
  }
  const { memories } = declarations;
  if (memories.length > MAX_MEMORIES) {
    throw new ModuleFault(
      "MODULE_MEMORY_TOO_LARGE",
      `it must have at most ${MAX_MEMORIES} memories`,
      memories.length,
    );
  }
  const min = sumOfMinima(memories);
  if (min > maxPages) {
    throw new ModuleFault(
      "MODULE_MEMORY_TOO_LARGE",
      `its memory must start with at most ${pages(maxPages)}, the limit of --max-memory`,
      pages(min),
    );
  }
  return clampMaxima(memories, maxPages, ({ index64 }) => index64 ? MAX_V8_PAGES_64 : MAX_V8_PAGES);
}

/**
 * The module's own tables with maxima that together stay within `maxEntries`.
 *
 * @throws {ModuleError} `MODULE_TABLE_TOO_LARGE` if the minima do not fit or there are more than 1,000.
 */
export function boundTables(declarations: Declarations, maxEntries: number): Limits[] {
  const own = declarations.ownTables.map(({ type }) => type);
  if (own.length > MAX_TABLES) {
    throw new ModuleFault(
      "MODULE_TABLE_TOO_LARGE",
      `it must have at most ${MAX_TABLES} tables`,
      own.length,
    );
  }
  const min = sumOfMinima(own);
  if (min > maxEntries) {
    throw new ModuleFault(
      "MODULE_TABLE_TOO_LARGE",
      `its tables must start with at most ${maxEntries} entries, the limit of --max-table-entries`,
      min,
    );
  }
  return clampMaxima(own, maxEntries, () => MAX_V8_ENTRIES);
}

function sumOfMinima(limits: readonly Limits[]): number {
  return limits.reduce((sum, { min }) => sum + min, 0);
}

function pages(count: number): string {
  return `${count} pages (${Math.round((count / PAGES_PER_MEBIBYTE) * 100) / 100} MiB)`;
}
