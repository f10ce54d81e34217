/**
 * The last minutes, second by second: what the status page draws, and what readiness looks at.
 *
 * @module
 */

import { type Figure, figuresOf, totalOf } from "../figures.ts";
import { addCounts, quantileMs } from "../histogram.ts";

/** Seconds that are kept. */
export const KEPT_SECONDS = 300;

/** What has happened in about one second. */
export interface Second {
  /** How long it was, in milliseconds. It is longer than a second if the event loop was busy. */
  readonly tookMs: number;
  /** Replies by their decision. */
  readonly decisions: Readonly<Record<string, number>>;
  /** Events that took a fail mode. */
  readonly errors: number;
  /** Time to the decision, in milliseconds: the median and the 99th percentile; absent where there were no replies. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** What was counted up to a moment. */
interface Totals {
  readonly at: number;
  readonly decisions: Readonly<Record<string, number>>;
  readonly errors: number;
  readonly counts: readonly number[];
}

/** Keeps what has happened between one look at the figures and the next. */
export class History {
  #last: Totals | undefined;
  readonly #seconds: Second[] = [];

  /** The oldest first. */
  get seconds(): readonly Second[] {
    return this.#seconds;
  }

  /** Takes the figures of this moment, `at` on `performance.now()`. */
  take(at: number, figures: readonly Figure[]): void {
    const totals = totalsOf(at, figures);
    const last = this.#last;
    this.#last = totals;
    if (last === undefined) return;
    const counts = totals.counts.map((count, index) => count - (last.counts[index] ?? 0));
    const decided = Object.entries(totals.decisions).map(([decision, count]) =>
      [decision, count - (last.decisions[decision] ?? 0)] as const
    );
    this.#seconds.push({
      tookMs: at - last.at,
      decisions: Object.fromEntries(decided.filter(([, count]) => count > 0)),
      errors: totals.errors - last.errors,
      p50Ms: quantileMs(counts, 0.5),
      p99Ms: quantileMs(counts, 0.99),
    });
    if (this.#seconds.length > KEPT_SECONDS) this.#seconds.shift();
  }
}

function totalsOf(at: number, figures: readonly Figure[]): Totals {
  const decisions: Record<string, number> = {};
  for (const { labels: [, decision = ""], value } of figuresOf(figures, "sentinel_wasm_replies_total")) {
    decisions[decision] = (decisions[decision] ?? 0) + value;
  }
  const durations = figuresOf(figures, "sentinel_wasm_event_duration_seconds");
  return {
    at,
    decisions,
    errors: totalOf(figures, "sentinel_wasm_errors_total"),
    counts: durations.reduce<readonly number[]>((sum, { counts = [] }) => addCounts(sum, counts), []),
  };
}
