/**
 * Rounds of a load, alternating between agents.
 *
 * @module
 */

import { countsSince, type MessageCounts } from "./agent_log.ts";
import type { RunningAgent } from "./agents.ts";
import { type Figures, type Load, type RoundLimits, runLoad } from "./loadgen.ts";
import { cpuNanoseconds, cpuSeconds } from "./process.ts";

/** One round. */
export interface Round extends Figures {
  /** Processor time of the agent a request, in microseconds. */
  readonly cpuUs: number;
  /** What the agent logged. */
  readonly logged: MessageCounts;
}

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
  return { ...figures, cpuUs: spent / figures.finished, logged: countsSince(logged, agent.log.counts) };
}

/**
 * `count` rounds of each contender, taking turns, the order turned round each time: what slows the machine for a while then
 * befalls all of them alike. One list a contender; a round no one counts goes before.
 */
export async function alternate(
  loadgen: string,
  contenders: readonly Contender[],
  count: number,
  limits: RoundLimits,
): Promise<readonly (readonly Round[])[]> {
  const rounds: Round[][] = contenders.map(() => []);
  for (const contender of contenders) {
    await runRound(loadgen, contender, { ...limits, seconds: limits.seconds / 3 });
  }
  for (let turn = 0; turn < count; turn++) {
    const order = contenders.map((contender, index) => ({ contender, index }));
    if (turn % 2 === 1) order.reverse();
    for (const { contender, index } of order) rounds[index]?.push(await runRound(loadgen, contender, limits));
  }
  return rounds;
}
