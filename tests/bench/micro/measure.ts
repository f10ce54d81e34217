/**
 * Time of a short step, in nanoseconds.
 *
 * @module
 */

import { sleep } from "../../../src/sleep.ts";

/** Times of one step, one a round, in nanoseconds a call. */
export interface StepTimes {
  readonly name: string;
  readonly ns: readonly number[];
}

/** A step: does `count` times what is measured. */
export interface Step {
  readonly name: string;
  run(count: number): void | Promise<void>;
}

/** How long to measure. */
export interface MeasureOptions {
  readonly rounds: number;
  readonly roundMs: number;
}

const FIRST_COUNT = 64;
/** Rounds no one counts: the engine compiles the step meanwhile. */
const WARM_UP_ROUNDS = 3;

/** Measures each step round by round: what slows the machine for a while befalls all steps alike. */
export async function measureSteps(steps: readonly Step[], options: MeasureOptions): Promise<readonly StepTimes[]> {
  const counted = [];
  for (const step of steps) {
    counted.push({ step, count: await countFor(step, options.roundMs), ns: new Array<number>() });
  }
  for (let round = -WARM_UP_ROUNDS; round < options.rounds; round++) {
    for (const { step, count, ns } of counted) {
      const ms = await timed(step, count);
      if (round >= 0) ns.push(ms * 1e6 / count);
    }
  }
  return counted.map(({ step, ns }) => ({ name: step.name, ns }));
}

/** Calls that take about `roundMs`. */
async function countFor(step: Step, roundMs: number): Promise<number> {
  for (let count = FIRST_COUNT;;) {
    const ms = await timed(step, count);
    if (ms >= roundMs / 2) return Math.max(1, Math.round(count * roundMs / ms));
    count *= 2;
  }
}

/** In a turn of its own, because what comes behind long work in one turn of the event loop counts as having waited for it. */
async function timed(step: Step, count: number): Promise<number> {
  await sleep(1);
  const start = performance.now();
  await step.run(count);
  return performance.now() - start;
}
