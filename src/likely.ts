/**
 * The name that somebody most likely meant who wrote another.
 *
 * @module
 */

import { closestString, levenshteinDistance } from "@std/text/closest-string";

/** As many letters may differ; further away two words have nothing to do with each other. */
const MAX_DIFFERENT = 3;

/** The member of `known` that `key` most likely stands for, in the order of `known`; undefined if it is like none. */
export function likelyName(key: string, known: readonly string[]): string | undefined {
  const word = key.toLowerCase().replaceAll("_", "-");
  if (word === "") return undefined;
  const begun = known.find((name) => name.startsWith(word));
  if (begun !== undefined || word.length === 1) return begun;
  const around = known.find((name) => word.includes(name) || (word.length > 2 && name.includes(word)));
  if (around !== undefined) return around;
  const nearest = closestString(word, known);
  return levenshteinDistance(word, nearest) <= Math.min(MAX_DIFFERENT, word.length / 2) ? nearest : undefined;
}
