/**
 * Figures as text that Prometheus reads.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 *
 * @module
 */

import { type Figure, figuresOf } from "./figures.ts";
import { BOUNDS_MS } from "./histogram.ts";
import { type MetricRow, METRICS } from "./metric_table.ts";

/** What the text is called over HTTP. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** One block a metric, in the table's order; a metric without figures has none. */
export function exposition(figures: readonly Figure[]): string {
  return Object.entries(METRICS).map(([name, row]) => block(name, row, figures)).join("");
}

function block(name: string, row: MetricRow, all: readonly Figure[]): string {
  const figures = figuresOf(all, name);
  if (figures.length === 0) return "";
  const lines = figures.flatMap((figure) => figure.counts === undefined ? plain(figure, row) : buckets(figure, row));
  return [`# HELP ${name} ${row.help}`, `# TYPE ${name} ${row.type}`, ...lines, ""].join("\n");
}

function plain({ metric, labels, value }: Figure, row: MetricRow): string {
  return line(metric, row.labels, labels, value);
}

/** Buckets of this format contain those before them. */
function buckets({ metric, labels, value, counts = [] }: Figure, row: MetricRow): readonly string[] {
  let count = 0;
  const lines = counts.map((more, index) => {
    count += more;
    const bound = BOUNDS_MS[index];
    const le = bound === undefined ? "+Inf" : String(Number((bound / 1000).toPrecision(2)));
    return line(`${metric}_bucket`, [...row.labels, "le"], [...labels, le], count);
  });
  return [
    ...lines,
    line(`${metric}_sum`, row.labels, labels, value),
    line(`${metric}_count`, row.labels, labels, count),
  ];
}

function line(name: string, labels: readonly string[], values: readonly string[], value: number): string {
  const pairs = labels.map((label, index) => `${label}="${escapeLabel(values[index] ?? "")}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
