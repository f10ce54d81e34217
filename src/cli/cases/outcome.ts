/**
 * What came of a case.
 *
 * @module
 */

import type { Fields } from "./cases.ts";
import type { Difference } from "./compare.ts";

/** A case that was run. */
export interface Outcome {
  readonly name: string;
  /** Where it stands in its file, from 1 on. */
  readonly line: number;
  /** Milliseconds from the event to its decision. */
  readonly tookMs: number;
  /** All that came. */
  readonly answer: Fields;
  /** None if it holds. */
  readonly differences: readonly Difference[];
  /** What the module has printed, and what the agent has to say about it: a line each. Text from outside. */
  readonly printed: readonly string[];
}
