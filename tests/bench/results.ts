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

interface Metric {
  readonly name: string;
  readonly of: (round: Round) => number;
}

const METRICS = [
  { name: "requests/s", of: (round) => round.rps },
  { name: "CPU us", of: (round) => round.cpuUs },
  { name: "p50 us", of: (round) => round.fast.p50 },
  { name: "p99 us", of: (round) => round.fast.p99 },
] as const satisfies readonly Metric[];

/** The figures of one agent: medians, and the spread of throughput. */
export function figuresTable(title: string, measured: readonly Measured[]): Table {
  return {
    title,
    head: [
      "load",
      "agent",
      "requests/s (min..max)",
      "CPU us",
      "p50 us",
      "p90 us",
      "p99 us",
      "p99.9 us",
      "max us",
      "trouble",
    ],
    rows: measured.map(({ load, agent, rounds }) => {
      const median = (of: (round: Round) => number) => formatNumber(spreadOf(rounds.map(of)).median);
      const rps = spreadOf(rounds.map((round) => round.rps));
      return [
        load,
        agent,
        `${formatNumber(rps.median)} (${formatNumber(rps.min)}..${formatNumber(rps.max)})`,
        median((round) => round.cpuUs),
        median((round) => round.fast.p50),
        median((round) => round.fast.p90),
        median((round) => round.fast.p99),
        median((round) => round.fast.p999),
        formatNumber(Math.max(...rounds.map((round) => round.fast.max))),
        troubleOf(rounds),
      ];
    }),
  };
}

/** Ratios ours/peer: `median (min..max)` over the pairs of rounds. */
export function ratioTable(title: string, compared: readonly Compared[]): Table {
  return {
    title,
    head: ["load", ...METRICS.map(({ name }) => name)],
    rows: compared.map((pair) => [pair.load, ...METRICS.map(({ of }) => formatSpread(ratios(pair, of)))]),
    note: "ours / peer, median (min..max) of pairs of rounds. Good: requests/s above 1, the rest below 1.",
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

/** What went wrong, or a dash. */
export function troubleOf(rounds: readonly Round[]): string {
  const counts = (["error", "lost", "closed", "late"] as const).map((name) => {
    const count = rounds.reduce((sum, round) => sum + round[name], 0);
    return count === 0 ? "" : `${name} ${count}`;
  });
  return counts.filter((text) => text !== "").join(", ") || "-";
}
