/**
 * What was expected of an answer against what came.
 *
 * @module
 */

import { REDACTED } from "../../lanes/mod.ts";
import type { Fields } from "./cases.ts";

/** One key whose value is another one than was expected; undefined stands for none. */
export interface Difference {
  readonly key: string;
  readonly expected: unknown;
  readonly received: unknown;
}

/** Keys of headers: names in whatever case, and a list of one value means the same as the value. */
const HEADERS = /(^|_)headers$/;

/**
 * Differences in the keys that are expected, `null` for one that is not to be there; and in `failure` always, because a module that
 * fails may well get the decision that was expected from the fail mode.
 */
export function compare(expected: Fields, received: Fields): readonly Difference[] {
  const keys = new Set([...Object.keys(expected), "failure"]);
  return [...keys].flatMap((key) => {
    const wanted = plain(key, expected[key]);
    const came = hiddenAlike(wanted, plain(key, received[key]));
    return textOf(wanted) === textOf(came) ? [] : [{ key, expected: wanted, received: came }];
  });
}

/** Secrets are not in a recording, which only tells that there was a value. */
function hiddenAlike(wanted: unknown, came: unknown): unknown {
  if (!isObject(wanted) || !isObject(came)) return came;
  return Object.fromEntries(
    Object.entries(came).map(([name, value]) => [name, wanted[name] === REDACTED ? REDACTED : value]),
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(key: string, value: unknown): unknown {
  if (isNothing(value)) return undefined;
  if (!HEADERS.test(key)) return value;
  if (Array.isArray(value)) return value.map((name) => typeof name === "string" ? name.toLowerCase() : name);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.toLowerCase(),
      Array.isArray(inner) && inner.length === 1 ? inner[0] : inner,
    ]),
  );
}

/** What is empty means the same as what is not there. */
function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Equal for equal JSON: keys in order. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => a < b ? -1 : 1));
  });
}
