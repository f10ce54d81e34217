import { assert, assertEquals } from "@std/assert";
import { METRICS } from "../../../src/ops/metric_table.ts";
import { metricsTable } from "../../../tools/metrics_page.ts";

const PAGE = Deno.readTextFileSync(new URL("../../../docs/metrics.md", import.meta.url));

/** A Markdown table without what only lines up its columns. */
function cells(table: string): string[][] {
  return table.trim().split("\n").map((row) => row.split("|").map((cell) => cell.trim().replace(/^-+$/, "---")));
}

Deno.test("docs/metrics.md has the table that deno run tools/metrics_page.ts prints", () => {
  const [, table] = /<!-- metrics -->\n([^]*?)<!-- \/metrics -->/.exec(PAGE) ?? [];
  assert(table !== undefined, "docs/metrics.md has no <!-- metrics --> ... <!-- /metrics -->");
  assertEquals(cells(table), cells(metricsTable()));
});

Deno.test("docs/metrics.md names no metric in its alerts that is not in the table", () => {
  const named = [...PAGE.matchAll(/\b(?:sentinel_wasm|process)_[a-z_]+/g)].map(([name]) => name);
  const known = Object.keys(METRICS).flatMap((name) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]);
  assertEquals([...new Set(named)].filter((name) => !known.includes(name)), []);
});
