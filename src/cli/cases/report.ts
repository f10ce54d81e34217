/**
 * A run of cases for people: how many hold first, then each, and of what does not hold what was expected and what came.
 *
 * @module
 */

import { escapeText, MAX_SHOWN } from "../../escape.ts";
import { paint } from "../terminal.ts";
import type { Difference } from "./compare.ts";
import type { Outcome } from "./outcome.ts";

/** What became of a case. */
export type State = "passed" | "failed" | "updated";

/** Lines to print. */
export function reportLines(file: string, rows: readonly (readonly [State, Outcome])[]): readonly string[] {
  const count = (state: State) => rows.filter(([each]) => each === state).length;
  const updated = count("updated") === 0 ? "" : `, ${count("updated")} updated`;
  const summary = `${count("passed")} passed, ${count("failed")} failed${updated}`;
  return [
    paint(count("failed") === 0 ? "good" : "bad", summary),
    "",
    ...rows.flatMap(([state, outcome]) => [
      `${state === "failed" ? paint("bad", "failed ") : paint("good", state.padEnd(7))}  ${escapeText(outcome.name)}`,
      ...state === "passed" ? [] : details(file, outcome),
    ]),
  ];
}

function details(file: string, { line, differences, printed }: Outcome): readonly string[] {
  return [
    `  ${paint("faint", `${escapeText(file)}:${line}`)}`,
    ...differences.flatMap(apart).flatMap(({ key, expected, received }) => [
      `  ${escapeText(key)}`,
      `    expected  ${paint("good", shown(expected))}`,
      `    received  ${paint("bad", shown(received))}`,
    ]),
    ...printed.length === 0 ? [] : ["  printed", ...printed.map((text) => `    ${escapeText(text)}`)],
  ];
}

/** A difference on one line. */
export function showDifference({ key, expected, received }: Difference): string {
  return `${escapeText(key)}: expected ${shown(expected)}, received ${shown(received)}`;
}

/** Of two mappings each entry that differs, by its own name. */
function apart(difference: Difference): readonly Difference[] {
  const { key, expected, received } = difference;
  if (!isMapping(expected) || !isMapping(received)) return [difference];
  const names = new Set([...Object.keys(expected), ...Object.keys(received)]);
  return [...names].map((name) => ({
    key: `${key}.${name}`,
    expected: at(expected, name),
    received: at(received, name),
  }))
    .filter((each) => JSON.stringify(each.expected) !== JSON.stringify(each.received));
}

function at(mapping: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(mapping, name) ? mapping[name] : undefined;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as JSON. */
function shown(value: unknown): string {
  return value === undefined ? "none" : escapeText(JSON.stringify(value), MAX_SHOWN);
}
