/**
 * Runs cases, one after the other: an instance keeps what it keeps from one to the next, as it does between requests.
 *
 * @module
 */

import { AgentError } from "../../errors.ts";
import { describeDecision, RECORDED_DIALECT, type Trial } from "../../lanes/mod.ts";
import type { Case, Fields } from "./cases.ts";
import { compare } from "./compare.ts";
import { EXPECTED } from "./expected.ts";
import type { Outcome } from "./outcome.ts";

/** What comes of each case. */
export async function runCases(trial: Trial, cases: readonly Case[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const each of cases) outcomes.push(await runCase(trial, each));
  return outcomes;
}

async function runCase(trial: Trial, { name, line, event, expect = {}, recorded = false }: Case): Promise<Outcome> {
  const { module } = trial;
  const { decision, failure, printed, unknownKeys, tookMs } = await trial.ask(event);
  const code = failure instanceof AgentError ? failure.code : failure === undefined ? undefined : "UNEXPECTED";
  const answer = {
    ...describeDecision(decision, recorded ? RECORDED_DIALECT : module.dialect),
    ...code === undefined ? {} : { failure: code },
  };
  const lines = [
    ...printed.map(({ stream, line }) => `${stream}: ${line}`),
    ...unknownKeys.map(({ key, nearest }) =>
      `warning: the answer's key "${key}" means nothing, did you mean "${nearest}"?`
    ),
    ...module.phases.includes(event.phase) ? [] : [`warning: the module has no on_${event.phase}`],
    ...failure === undefined ? [] : [`error: ${failure instanceof Error ? failure.message : String(failure)}`],
  ];
  return {
    name,
    line,
    tookMs,
    answer,
    differences: compare(recorded ? whole(expect) : expect, answer),
    printed: lines,
  };
}

/** An answer that was recorded has no other keys than those that are there; of a failure none is. */
function whole(expect: Fields): Fields {
  if (Object.keys(expect).length === 0) return expect;
  return { ...Object.fromEntries(Object.keys(EXPECTED).map((key) => [key, null])), ...expect };
}
