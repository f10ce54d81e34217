/**
 * Runs the cases of a file on a module, and tells which of them hold.
 *
 * @module
 */

import { basename } from "@std/path";
import { readTextFile, type TextKind } from "../../config/mod.ts";
import { Trial } from "../../lanes/mod.ts";
import { type Case, MAX_CASES_BYTES, parseCases } from "../cases/cases.ts";
import { junitXml } from "../cases/junit.ts";
import type { Outcome } from "../cases/outcome.ts";
import { reportLines, type State } from "../cases/report.ts";
import { runCases } from "../cases/run.ts";
import { type Change, rewritten, updated } from "../cases/update.ts";
import type { ValuesOf } from "../options.ts";
import type { TEST_OPTIONS } from "../rows/test.ts";
import { paint } from "../terminal.ts";
import { trialConfig } from "../trial_config.ts";
import { writeOutput } from "../write_output.ts";

const CASES: TextKind = { what: "cases", code: "CASES_UNREADABLE", maxBytes: MAX_CASES_BYTES };

/**
 * Prints what came of each case.
 *
 * @returns Exit code.
 * @throws {ConfigError} for a file that is none of cases. @throws {ModuleError} as serving does.
 */
export async function test(options: ValuesOf<typeof TEST_OPTIONS>): Promise<number> {
  const text = await readTextFile(options.cases, CASES);
  const { config, cases } = parseCases(text, options.cases, options.update);
  const startedAt = new Date();
  await using trial = await Trial.start(
    trialConfig({ ...options, config: options.config || JSON.stringify(config ?? {}) }),
  );
  const outcomes = await runCases(trial, cases);
  const changes = options.update ? changesOf(cases, outcomes) : new Map<Outcome, Change>();
  if (changes.size > 0) await writeOutput(options.cases, rewritten(text, [...changes.values()]));
  const rows = outcomes.map((outcome) => [stateOf(outcome, changes), outcome] as const);
  for (const line of reportLines(options.cases, rows)) console.log(line);
  for (const name of [...changes.values()].filter(losesComment(text)).map(({ name }) => name)) {
    console.log(paint("warning", `A comment inside of what "${name}" expected is gone.`));
  }
  if (options.junit !== "") {
    const run = { cases: basename(options.cases), module: basename(options.module), startedAt };
    const failing = outcomes.map((outcome) => changes.has(outcome) ? { ...outcome, differences: [] } : outcome);
    await writeOutput(options.junit, junitXml({ ...run, outcomes: failing }));
  }
  return rows.some(([state]) => state === "failed") ? 1 : 0;
}

function stateOf(outcome: Outcome, changes: ReadonlyMap<Outcome, Change>): State {
  if (changes.has(outcome)) return "updated";
  return outcome.differences.length === 0 ? "passed" : "failed";
}

/** What is to be written in the place of which expectation. */
function changesOf(cases: readonly Case[], outcomes: readonly Outcome[]): ReadonlyMap<Outcome, Change> {
  const changes = new Map<Outcome, Change>();
  for (const [index, { name, expect, place }] of cases.entries()) {
    const outcome = outcomes[index];
    // What a failure gets is the fail mode's answer, which nobody wants to take for the module's.
    if (outcome === undefined || place === undefined || outcome.differences.some(({ key }) => key === "failure")) {
      continue;
    }
    if (expect === undefined) changes.set(outcome, { name, place, expect: outcome.answer });
    else if (outcome.differences.length > 0) {
      changes.set(outcome, { name, place, expect: updated(expect, outcome.differences) });
    }
  }
  return changes;
}

function losesComment(text: string): (change: Change) => boolean {
  // Between quotes it would be none: such a text gets the warning for nothing, which does no harm.
  return ({ place: { start, end } }) => /(^|\s)#/.test(text.slice(start, end));
}
