/**
 * Prints the table of `docs/metrics.md`, made from the program's own: `deno run tools/metrics_page.ts`, then `deno fmt`.
 *
 * @module
 */

import { type MetricRow, METRICS } from "../src/ops/metric_table.ts";

/** The table, as Markdown that is yet to be formatted. */
export function metricsTable(): string {
  const rows = Object.entries<MetricRow>(METRICS).map(([name, { type, labels, help }]) =>
    `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`
  );
  return ["| metric | type | labels | what it is |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

if (import.meta.main) console.log(metricsTable());
