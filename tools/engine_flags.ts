/**
 * The engine's flags: one list, which stands in `deno.json`, for Deno must be told of them before any code of ours runs.
 *
 * @see `src/RATIONALE.md`, "Why these V8 flags?"
 * @module
 */

import config from "../deno.json" with { type: "json" };

const PREFIX = "--v8-flags=";
const LISTED = config.tasks.start.command.split(" ").find((word) => word.startsWith(PREFIX))?.slice(PREFIX.length);

/** Turns the optimising compiler off: what it does with a module nobody vouches for is bounded by no limit of ours. */
const WITHOUT_OPTIMISER = "--liftoff-only";

/** The engine's flags as one word for `deno`. @param optimiser False for modules that nobody vouches for. */
export function engineFlags(optimiser = true): string {
  if (LISTED === undefined) throw new Error(`Cannot start as the start task must have ${PREFIX}: received none`);
  return `${PREFIX}${LISTED}${optimiser ? "" : `,${WITHOUT_OPTIMISER}`}`;
}
