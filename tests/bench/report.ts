/**
 * What the parts hand in, printed and written.
 *
 * @module
 */

import type { Part } from "./options.ts";
import { formatTable, type Table, type TableStyle } from "./table.ts";

const README = new URL("./README.md", import.meta.url);
const MARK = "<!-- Written by `deno task bench --readme`. -->";

/** What one part measured. */
export interface PartResult {
  readonly part: Part;
  /** Everything, for `--json`. */
  readonly data: unknown;
  readonly tables: readonly Table[];
}

/** A part's tables as text. */
export function formatResult(result: PartResult, style: TableStyle): string {
  return result.tables.map((table) => formatTable(table, style)).join("\n");
}

/** Puts all tables where the README has those of an earlier run: behind {@linkcode MARK}. */
export function writeReadme(machine: string, results: readonly PartResult[]): void {
  const readme = Deno.readTextFileSync(README);
  const end = readme.indexOf(MARK) + MARK.length;
  const day = new Date().toISOString().slice(0, 10);
  const tables = results.map((result) => formatResult(result, "markdown"));
  Deno.writeTextFileSync(
    README,
    [readme.slice(0, end), "", `${day}: ${machine}.`, "", ...tables].join("\n").trimEnd() + "\n",
  );
}

/** Writes everything measured as JSON. */
export function writeJson(path: string, machine: unknown, results: readonly PartResult[]): void {
  const parts = Object.fromEntries(results.map(({ part, data }) => [part, data]));
  Deno.writeTextFileSync(path, JSON.stringify({ machine, ...parts }, undefined, 1) + "\n");
}
