/**
 * `@std/text/closest-string` under its own name, from the npm copy of the same package.
 *
 * @module
 */

import { closestString as untyped } from "deno-std/text/closest_string.js";

/** The member of `candidates` nearest to `word` by Levenshtein distance. */
export const closestString: (word: string, candidates: readonly string[]) => string = untyped;
