/**
 * Tables for people: plain or Markdown.
 *
 * @module
 */

/** Rows of cells below a head. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What to know before reading it. */
  readonly note?: string;
}

/** How tables are written. */
export type TableStyle = "plain" | "markdown";

/** `table` as text, with an empty line at its end. */
export function formatTable(table: Table, style: TableStyle): string {
  const lines = [table.head, ...table.rows];
  const widths = table.head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const padded = lines.map((cells) => cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)));
  const note = table.note === undefined ? [] : [table.note, ""];
  if (style === "plain") {
    return [table.title, ...padded.map((cells) => `  ${cells.join("  ")}`), ...note, ""].join("\n");
  }
  const [head = [], ...rows] = padded.map((cells) => `| ${cells.join(" | ")} |`);
  const rules = widths.map((width, column) => column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  const rule = `| ${rules.join(" | ")} |`;
  return [`### ${table.title}`, "", head, rule, ...rows, "", ...note].join("\n");
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** A number with as many digits as tell something. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  if (size >= 1000) return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ",");
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}
