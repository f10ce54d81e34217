/**
 * Values of metrics at one moment: plain, so that they cross from one thread to another and can be added up.
 *
 * @module
 */

import { addCounts } from "./histogram.ts";
import type { MetricName } from "./metric_table.ts";

/** One value of a metric. */
export interface Figure {
  /** Whose value it is. */
  readonly metric: MetricName;
  /** Values of the metric's labels, in its row's order. */
  readonly labels: readonly string[];
  /** In the metric's own unit; of a histogram the sum. */
  readonly value: number;
  /** Of a histogram alone: counts of each bucket. */
  readonly counts?: readonly number[];
}

/** The figures of several event loops together: whatever has the same labels is added up. */
export function addUp(figures: Iterable<Figure>): readonly Figure[] {
  const sums = new Map<string, Figure>();
  for (const figure of figures) {
    const key = [figure.metric, ...figure.labels].join("\0");
    const other = sums.get(key);
    sums.set(key, other === undefined ? figure : add(other, figure));
  }
  return [...sums.values()];
}

function add(one: Figure, other: Figure): Figure {
  const counts = one.counts && addCounts(one.counts, other.counts ?? []);
  return { ...one, value: one.value + other.value, counts };
}

/** All figures of one metric. */
export function figuresOf(figures: readonly Figure[], metric: string): readonly Figure[] {
  return figures.filter((figure) => figure.metric === metric);
}

/** The sum of all figures of one metric. */
export function totalOf(figures: readonly Figure[], metric: MetricName): number {
  return figuresOf(figures, metric).reduce((sum, { value }) => sum + value, 0);
}
