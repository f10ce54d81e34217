/**
 * Writes what came into a file of cases, in the place of what was expected. The rest of the file stays as it is, byte for byte.
 *
 * @module
 */

import type { Fields } from "./cases.ts";
import type { Difference } from "./compare.ts";

/** Where an expectation stands in a text, in UTF-16 units. */
export interface Place {
  /** Begins behind the colon of its key, and ends at the end of the value. */
  readonly start: number;
  readonly end: number;
  /** Blanks in front of its key; undefined where it stands inside of braces. */
  readonly indent: number | undefined;
  /** What has to be written first where there is no expectation yet: its key. */
  readonly lead: string;
}

/** Longest line that is written for an expectation on one line, its key and indent counted. */
const MAX_COLUMNS = 100;

/** An expectation with what came in the place of what was different, `null` for what did not come. */
export function updated(expect: Fields, differences: readonly Difference[]): Fields {
  const received = Object.fromEntries(differences.map(({ key, received }) => [key, received ?? null]));
  // Nobody need say that a module does not fail.
  const { failure, ...fields } = { ...expect, ...received };
  return failure === null || failure === undefined ? fields : { ...fields, failure };
}

/** What is to be expected from now on. */
export interface Change {
  /** The case's. */
  readonly name: string;
  readonly place: Place;
  readonly expect: Fields;
}

/** `text` with each expectation written anew. */
export function rewritten(text: string, changes: readonly Change[]): string {
  let result = text;
  // From the end on, so that the places before stay right.
  for (const { place, expect } of changes.toSorted((a, b) => b.place.start - a.place.start)) {
    result = result.slice(0, place.start) + place.lead + written(expect, place) + result.slice(place.end);
  }
  return result;
}

function written(expect: Fields, { indent }: Place): string {
  if (indent === undefined) return ` ${JSON.stringify(expect)}`;
  return member("expect", expect, indent).slice("expect:".length);
}

/** `key: value`, which begins at a column of its line; what is too long for the line goes on below, a line each. */
function member(key: string, value: unknown, indent: number): string {
  const line = `${key}: ${flowOf(value)}`;
  if (indent + line.length <= MAX_COLUMNS || typeof value !== "object" || value === null) return line;
  const entries = Object.entries(value);
  if (entries.length === 0) return line;
  const margin = `\n${" ".repeat(indent + 2)}`;
  const lines = Array.isArray(value)
    ? value.map((item) => `- ${flowOf(item)}`)
    : entries.map(([name, inner]) => member(scalar(name), inner, indent + 2));
  return `${key}:${lines.map((each) => margin + each).join("")}`;
}

/** A value on one line. Quotes are left out where they may be. */
function flowOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return scalar(value);
  const members = Object.entries(value).map(([key, inner]) => `${scalar(key)}: ${flowOf(inner)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** Words that a reader of YAML takes for something else than text, in some version of it. */
const NO_TEXT = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

/** A JSON string is one in YAML too, once the few letters are escaped that may not stand in YAML. */
function scalar(value: unknown): string {
  if (typeof value === "string" && /^[a-z][a-z0-9_-]*$/i.test(value) && !NO_TEXT.test(value)) return value;
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
