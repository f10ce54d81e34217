/**
 * Whether the agent is fit to be asked, and if not, why.
 *
 * @module
 */

import type { Second } from "./history.ts";
import type { LaneReport, LifeStage } from "../snapshot.ts";
import type { AgentView } from "./view.ts";

/** How many seconds the share of errors is looked at. */
export const ERROR_SECONDS = 10;
/** With fewer events in that time a share says nothing. */
const FEWEST_EVENTS = 20;

const STAGES: Readonly<Record<LifeStage, readonly string[]>> = {
  starting: ["starting: no connections are taken yet"],
  serving: [],
  draining: ["draining: no new connections are taken"],
};

/** Why it is not ready; empty if it is. */
export function reasonsAgainst(
  view: Pick<AgentView, "stage">,
  reports: readonly LaneReport[],
  seconds: readonly Second[],
  maxErrorPercent: number,
): readonly string[] {
  return [
    ...STAGES[view.stage],
    ...new Set(
      reports.flatMap(({ pools }) => pools).filter(lacksInstance).map(({ module }) =>
        `module ${JSON.stringify(module)} has no instance`
      ),
    ),
    ...errorShare(seconds.slice(-ERROR_SECONDS), maxErrorPercent),
  ];
}

function lacksInstance({ slots }: LaneReport["pools"][number]): boolean {
  return slots.every(({ state }) => state === "renewing");
}

function errorShare(seconds: readonly Second[], maxErrorPercent: number): readonly string[] {
  const errors = seconds.reduce((sum, second) => sum + second.errors, 0);
  const events = seconds.flatMap(({ decisions }) => Object.values(decisions)).reduce((sum, count) => sum + count, 0);
  // An event may have failed in a second and be answered in the next.
  const percent = 100 * Math.min(errors / events, 1);
  if (events < FEWEST_EVENTS || percent <= maxErrorPercent) return [];
  return [
    `errors: ${
      percent.toFixed(0)
    } % of ${events} events in ${ERROR_SECONDS} s, more than ${maxErrorPercent} % (--ready-max-errors)`,
  ];
}
