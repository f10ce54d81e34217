/**
 * Rounds of a load, alternating between agents.
 *
 * @module
 */

import { countsSince } from "./agent_log.ts";
import type { RunningAgent } from "./agents.ts";
import { type Figures, type Latencies, type Load, type RoundLimits, runLoad } from "./loadgen.ts";
import { cpuNanoseconds, cpuSeconds } from "./process.ts";

/** What a round comes to, whatever made its load. */
export interface Outcome {
  /** Answers a second. */
  readonly rps: number;
  /** Processor time of the agent a request, in microseconds. */
  readonly cpuUs: number;
  /** Latencies of all requests, but those that are meant to be slow. */
  readonly fast: Latencies;
  /** How often each thing happened that should not, and what the agent logged. */
  readonly trouble: Readonly<Record<string, number>>;
}

/** One round of the load generator. */
export interface Round extends Figures, Outcome {}

/** An agent and what to send it. */
export interface Contender {
  readonly agent: RunningAgent;
  readonly load: Load;
}

/** One round of `load`. */
export async function runRound(loadgen: string, { agent, load }: Contender, limits: RoundLimits): Promise<Round> {
  const logged = agent.log.counts;
  const microseconds = load.rate === undefined
    ? () => cpuSeconds(agent.pid) * 1e6
    : () => cpuNanoseconds(agent.pid) / 1e3;
  const before = microseconds();
  const figures = await runLoad(loadgen, agent.socket, load, limits);
  const spent = microseconds() - before;
  const { error, lost, closed, late } = figures;
  const trouble = { error, lost, closed, late, ...countsSince(logged, agent.log.counts) };
  return { ...figures, cpuUs: spent / figures.finished, trouble };
}

/** Rounds of the load generator, taking turns: see {@linkcode takeTurns}. */
export function alternate(
  loadgen: string,
  contenders: readonly Contender[],
  count: number,
  limits: RoundLimits,
): Promise<readonly (readonly Round[])[]> {
  return takeTurns(
    contenders.map((contender) => (seconds: number) => runRound(loadgen, contender, { ...limits, seconds })),
    count,
    limits.seconds,
  );
}

/**
 * `count` rounds of each contender, taking turns, the order turned round each time: what slows the machine for a while then
 * befalls all of them alike. One list a contender; a round no one counts goes before.
 */
export async function takeTurns<R>(
  contenders: readonly ((seconds: number) => Promise<R>)[],
  count: number,
  seconds: number,
): Promise<readonly (readonly R[])[]> {
  const rounds: R[][] = contenders.map(() => []);
  for (const run of contenders) await run(seconds / 3);
  for (let turn = 0; turn < count; turn++) {
    const order = contenders.map((run, index) => ({ run, index }));
    if (turn % 2 === 1) order.reverse();
    for (const { run, index } of order) rounds[index]?.push(await run(seconds));
  }
  return rounds;
}
