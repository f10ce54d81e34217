/**
 * What the parts hand in, printed and written.
 *
 * @module
 */

import type { Part } from "./options.ts";
import { formatTable, type Table, type TableStyle } from "./table.ts";

/** What one part measured. */
export interface PartResult {
  readonly part: Part;
  /** Everything, for `--json`. */
  readonly data: unknown;
  readonly tables: readonly Table[];
}

/** Prints a part's tables. */
export function printResult(result: PartResult, style: TableStyle): void {
  for (const table of result.tables) console.log(formatTable(table, style));
}

/** Writes everything measured as JSON. */
export function writeJson(path: string, machine: unknown, results: readonly PartResult[]): void {
  const parts = Object.fromEntries(results.map(({ part, data }) => [part, data]));
  Deno.writeTextFileSync(path, JSON.stringify({ machine, ...parts }, undefined, 1) + "\n");
}
