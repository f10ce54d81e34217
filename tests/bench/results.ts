/**
 * What rounds come to: figures of one agent, ratios of two.
 *
 * @module
 */

import type { Outcome, Round } from "./rounds.ts";
import { type Spread, spreadOf } from "./stats.ts";
import { formatNumber, type Table } from "./table.ts";

/** Rounds of one load on one agent. */
export interface Measured<R extends Outcome = Round> {
  readonly load: string;
  readonly agent: string;
  readonly rounds: readonly R[];
}

/** Rounds of two agents that took turns: the ratio of each pair is one measurement. */
export interface Compared<R extends Outcome = Round> {
  readonly load: string;
  readonly ours: readonly R[];
  readonly peer: readonly R[];
}

/** A figure of a round. */
export interface Metric<R extends Outcome = Round> {
  readonly name: string;
  readonly of: (round: R) => number;
}

/** What is compared as a rule. */
export const METRICS: readonly Metric<Outcome>[] = [
  { name: "requests/s", of: (round) => round.rps },
  { name: "CPU us", of: (round) => round.cpuUs },
  { name: "p50 us", of: (round) => round.fast.p50 },
  { name: "p99 us", of: (round) => round.fast.p99 },
];

/** The figures of one agent: medians, and the spread of throughput. */
export function figuresTable<R extends Outcome>(
  title: string,
  measured: readonly Measured<R>[],
  more: readonly Metric<R>[] = [],
): Table {
  const metrics: readonly Metric<R>[] = [
    { name: "CPU us", of: (round) => round.cpuUs },
    { name: "p50 us", of: (round) => round.fast.p50 },
    { name: "p90 us", of: (round) => round.fast.p90 },
    { name: "p99 us", of: (round) => round.fast.p99 },
    { name: "p99.9 us", of: (round) => round.fast.p999 },
    { name: "max us", of: (round) => round.fast.max },
    ...more,
  ];
  return {
    title,
    head: ["load", "agent", "requests/s", ...metrics.map(({ name }) => name), "trouble"],
    rows: measured.map(({ load, agent, rounds }) => [
      load,
      agent,
      formatSpread(spreadOf(rounds.map((round) => round.rps))),
      ...metrics.map(({ of }) => formatNumber(spreadOf(rounds.map(of)).median)),
      troubleOf(rounds),
    ]),
    note: "Medians of rounds; requests/s with (min..max).",
  };
}

/** Ratios ours/peer: `median (min..max)` over the pairs of rounds. */
export function ratioTable<R extends Outcome>(
  title: string,
  compared: readonly Compared<R>[],
  metrics: readonly Metric<R>[] = METRICS,
): Table {
  return {
    title,
    head: ["load", ...metrics.map(({ name }) => name)],
    rows: compared.map((pair) => [pair.load, ...metrics.map(({ of }) => formatSpread(ratios(pair, of)))]),
    note: "Median (min..max) of the ratios of neighbouring rounds. Good: requests/s above 1, the rest below 1.",
  };
}

/** Ratio ours/peer of each pair of rounds. */
export function ratios<R extends Outcome>({ ours, peer }: Compared<R>, of: (round: R) => number): Spread {
  return spreadOf(ours.map((round, index) => {
    const other = peer[index];
    return other === undefined ? NaN : of(round) / of(other);
  }));
}

/** `median (min..max)`. */
export function formatSpread({ min, median, max }: Spread): string {
  return `${formatNumber(median)} (${formatNumber(min)}..${formatNumber(max)})`;
}

/** What went wrong and what the agent logged, or a dash. */
export function troubleOf(rounds: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { trouble } of rounds) {
    for (const [what, count] of Object.entries(trouble)) {
      if (count > 0) counts.set(what, (counts.get(what) ?? 0) + count);
    }
  }
  return [...counts].map(([what, count]) => `${what} ${count}`).join(", ") || "-";
}
