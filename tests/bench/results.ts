/**
 * What rounds come to: figures of one agent, ratios of two.
 *
 * @module
 */

import type { Round } from "./rounds.ts";
import { type Spread, spreadOf } from "./stats.ts";
import { formatNumber, type Table } from "./table.ts";

/** Rounds of one load on one agent. */
export interface Measured {
  readonly load: string;
  readonly agent: string;
  readonly rounds: readonly Round[];
}

/** Rounds of two agents that took turns: the ratio of each pair is one measurement. */
export interface Compared {
  readonly load: string;
  readonly ours: readonly Round[];
  readonly peer: readonly Round[];
}

/** A figure of a round. */
export interface Metric {
  readonly name: string;
  readonly of: (round: Round) => number;
}

/** What is compared as a rule. */
export const METRICS: readonly Metric[] = [
  { name: "requests/s", of: (round) => round.rps },
  { name: "CPU us", of: (round) => round.cpuUs },
  { name: "p50 us", of: (round) => round.fast.p50 },
  { name: "p99 us", of: (round) => round.fast.p99 },
];

/** The figures of one agent: medians, and the spread of throughput. */
export function figuresTable(title: string, measured: readonly Measured[], more: readonly Metric[] = []): Table {
  const metrics: readonly Metric[] = [
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
export function ratioTable(title: string, compared: readonly Compared[], metrics = METRICS): Table {
  return {
    title,
    head: ["load", ...metrics.map(({ name }) => name)],
    rows: compared.map((pair) => [pair.load, ...metrics.map(({ of }) => formatSpread(ratios(pair, of)))]),
    note: "Median (min..max) of the ratios of neighbouring rounds. Good: requests/s above 1, the rest below 1.",
  };
}

/** Ratio ours/peer of each pair of rounds. */
export function ratios({ ours, peer }: Compared, of: (round: Round) => number): Spread {
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
export function troubleOf(rounds: readonly Round[]): string {
  const counts = new Map<string, number>();
  const add = (what: string, count: number) => count > 0 && counts.set(what, (counts.get(what) ?? 0) + count);
  for (const round of rounds) {
    for (const name of ["error", "lost", "closed", "late"] as const) add(name, round[name]);
    for (const [message, count] of Object.entries(round.logged)) add(`"${message}"`, count);
  }
  return [...counts].map(([what, count]) => `${what} ${count}`).join(", ") || "-";
}
