/**
 * `@std/text` under its own name, from the npm copy of the same package.
 *
 * @module
 */

import { closestString as untypedClosest } from "deno-std/text/closest_string.js";
import { levenshteinDistance as untypedDistance } from "deno-std/text/levenshtein_distance.js";

/** The member of `candidates` nearest to `word` by Levenshtein distance. */
export const closestString: (word: string, candidates: readonly string[]) => string = untypedClosest;
/** How many letters must be put in, taken out or changed to make one word of the other. */
export const levenshteinDistance: (one: string, other: string) => number = untypedDistance;
