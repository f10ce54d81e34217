/**
 * A run of cases as the XML that CI systems read.
 *
 * @see https://github.com/testmoapp/junitxml
 * @module
 */

import { PROGRAM } from "../../program.ts";
import type { Outcome } from "./outcome.ts";
import { showDifference } from "./report.ts";

/** What was run. */
export interface Run {
  /** Name of the file of cases. */
  readonly cases: string;
  readonly module: string;
  readonly startedAt: Date;
  readonly outcomes: readonly Outcome[];
}

/** The whole document. */
export function junitXml({ cases, module, startedAt, outcomes }: Run): string {
  const failures = outcomes.filter(({ differences }) => differences.length > 0).length;
  const seconds = outcomes.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000;
  const counts = `tests="${outcomes.length}" failures="${failures}" errors="0" skipped="0" time="${
    seconds.toFixed(6)
  }"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${PROGRAM}" ${counts}>`,
    `  <testsuite name="${xml(cases)}" ${counts} timestamp="${startedAt.toISOString().slice(0, 19)}">`,
    ...outcomes.map((outcome) => testcase(outcome, cases, module)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testcase({ name, line, tookMs, differences, printed }: Outcome, cases: string, module: string): string {
  const shown = differences.map(showDifference);
  const failure = shown.length === 0
    ? ""
    : `\n      <failure message="${xml(shown[0] ?? "")}" type="difference">${xml(shown.join("\n"))}</failure>`;
  const output = printed.length === 0 ? "" : `\n      <system-out>${xml(printed.join("\n"))}</system-out>`;
  const end = failure + output === "" ? "/>" : `>${failure}${output}\n    </testcase>`;
  return `    <testcase name="${xml(name)}" classname="${xml(module)}" file="${xml(cases)}" line="${line}" ` +
    `time="${(tookMs / 1_000).toFixed(6)}"${end}`;
}

/** What XML 1.0 cannot have at all, not even escaped: control characters but tab and line breaks, lone surrogates, two others. */
const IMPOSSIBLE = /(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu;
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function xml(text: string): string {
  return text.replace(IMPOSSIBLE, "\ufffd").replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
    // In an attribute a line break would become a blank.
    .replaceAll("\n", "&#10;");
}
