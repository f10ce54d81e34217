/**
 * Asks a module for its decision, as the agent would, and shows it.
 *
 * @module
 */

import { ConfigError, ERRORS, ModuleError } from "../../errors.ts";
import { escapeText } from "../../escape.ts";
import { MAX_LINES_PER_SECOND, NO_CONFIGURATION, UNCOUNTED_BECAUSE } from "../../guest/mod.ts";
import { describeDecision, type DescribedEvent, Trial, type TrialAnswer } from "../../lanes/mod.ts";
import type { Observer, PrintedLine, UncountedMeasure, UnknownKey } from "../../ops/mod.ts";
import { askedEvents } from "../asked_events.ts";
import type { Asked } from "../command.ts";
import { showCount } from "../units.ts";
import {
  eventTitle,
  jsonReport,
  jsonStartFailure,
  printedRows,
  type Seen,
  summary,
  textReport,
} from "../invoke_report.ts";
import { reportError } from "../report.ts";
import { INVOKE, type INVOKE_OPTIONS } from "../rows/invoke.ts";
import { paint, table } from "../terminal.ts";
import { trialConfig } from "../trial_config.ts";
import { changes } from "../watch.ts";

/** Exit codes. */
const DECIDED = 0, FAILED = 1;

/**
 * Asks for each event, and shows what comes of it. With `--watch` it goes on until the process ends.
 *
 * @returns Exit code: 1 if the module failed or does not start.
 * @throws {ConfigError} for events that cannot be read.
 */
export async function invoke(asked: Asked<typeof INVOKE_OPTIONS>): Promise<number> {
  const { options } = asked;
  if (!options.watch) return await invokeOnce(asked);
  for await (const _ of changes(INVOKE.files?.(options).read ?? [])) {
    try {
      await invokeOnce(asked);
    } catch (error) {
      // A change of a file may put right what is in it, and not the command line.
      if (!(error instanceof ConfigError) || error.code.startsWith("USAGE_")) throw error;
      reportError(error, false);
    }
    if (!options.json) {
      console.log(paint("faint", `\n${clock()} waiting for ${escapeText(options.module)} to change ...\n`));
    }
  }
  return DECIDED;
}

async function invokeOnce(asked: Asked<typeof INVOKE_OPTIONS>): Promise<number> {
  const { options } = asked;
  const events = await askedEvents(asked);
  const onlooker = new Onlooker();
  let trial: Trial;
  try {
    trial = await Trial.start(trialConfig(options), onlooker);
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    return showStartFailure(error, onlooker.lines, options.json);
  }
  await using _ = trial;
  const startLines = onlooker.lines;
  const moduleWarnings = warningsOf(trial, options.config);
  const all: Seen[] = [];
  for (const [index, event] of events.entries()) {
    const warnings = [...index === 0 ? moduleWarnings : [], ...eventWarnings(event, trial)];
    const seen = await ask(trial, event, options.repeat, onlooker, warnings);
    all.push(index === 0 ? { ...seen, answer: withLines(seen.answer, startLines) } : seen);
    const last = all.at(-1) ?? seen;
    if (options.json) console.log(jsonReport(last, trial.module));
    else {
      if (events.length > 1) {
        console.log(paint("strong", `${index === 0 ? "" : "\n"}${index + 1}  ${eventTitle(event)}`));
      }
      for (const line of textReport(last)) console.log(line);
    }
  }
  if (events.length > 1 && !options.json) console.log(`\n${summary(all)}`);
  return all.some(({ failed }) => failed > 0) ? FAILED : DECIDED;
}

/** Asks for one event again and again. */
async function ask(
  trial: Trial,
  event: DescribedEvent,
  count: number,
  onlooker: Onlooker,
  warnings: readonly string[],
): Promise<Seen> {
  onlooker.begin();
  const times = new Float64Array(count);
  const first = await trial.ask(event.event, event.where);
  const expected = JSON.stringify(describeDecision(first.decision, trial.module.dialect));
  let shown = first;
  let last = first;
  let leftOut = first.leftOut;
  let failed = first.failure === undefined ? 0 : 1;
  let different = 0;
  times[0] = first.tookMs;
  for (let index = 1; index < count; index++) {
    last = await trial.ask(event.event);
    times[index] = last.tookMs;
    leftOut += last.leftOut;
    if (last.failure !== undefined && ++failed === 1) shown = last;
    if (last.decision !== first.decision) {
      if (JSON.stringify(describeDecision(last.decision, trial.module.dialect)) !== expected) different++;
    }
  }
  const memory = first.memory && last.memory &&
    { beforeBytes: first.memory.beforeBytes, afterBytes: last.memory.afterBytes };
  return {
    event,
    answer: shown,
    times: times.sort(),
    different,
    failed,
    memory: failed === 0 ? memory : undefined,
    metrics: onlooker.metrics,
    warnings: [
      ...warnings,
      ...onlooker.warnings,
      ...leftOut === 0
        ? []
        : [`${showCount(leftOut)} printed lines were left out: a module may print ${MAX_LINES_PER_SECOND} a second`],
    ],
  };
}

/** What a module prints at its start stands before what it prints for the first event. */
function withLines(answer: TrialAnswer, lines: readonly PrintedLine[]): TrialAnswer {
  return { ...answer, printed: [...lines, ...answer.printed] };
}

/** Remembers what is told beside the answers. */
class Onlooker implements Observer {
  /** Those of the start. */
  readonly lines: PrintedLine[] = [];
  metrics = new Map<string, number>();
  warnings: string[] = [];
  #starting = true;

  begin(): void {
    this.#starting = false;
    this.metrics = new Map();
    this.warnings = [];
  }

  printed(line: PrintedLine): void {
    if (this.#starting) this.lines.push(line);
  }

  measured({ name, value }: { readonly name: string; readonly value: number }): void {
    this.metrics.set(name, (this.metrics.get(name) ?? 0) + value);
  }

  uncounted({ name, why }: UncountedMeasure): void {
    this.warnings.push(`metric "${name}" is not counted: ${UNCOUNTED_BECAUSE[why]}`);
  }

  unknownKey({ key, nearest }: UnknownKey): void {
    this.warnings.push(`the key "${key}" of the answer means nothing: did you mean "${nearest}"?`);
  }

  moved(_module: string, toThreads: boolean): void {
    if (toThreads) this.warnings.push("calls or starts are so long that they need threads: see docs/performance.md");
  }
}

function warningsOf({ module }: Trial, config: string): readonly string[] {
  const { unknownHandlers, takesConfiguration, configuration, abi } = module;
  const exports = unknownHandlers.map(({ name, nearest }) =>
    `the export "${name}" is never called${nearest === undefined ? "" : `: did you mean "${nearest}"?`}`
  );
  if (takesConfiguration || configuration === NO_CONFIGURATION) return exports;
  const source = config.trimStart().startsWith("{") ? "the configuration" : `the configuration in ${config}`;
  return [...exports, `${source} is never read: a module of ${abi} has no "configure"`];
}

function eventWarnings({ event, bodyBytes }: DescribedEvent, { module }: Trial): readonly string[] {
  return [
    ...module.phases.includes(event.phase)
      ? []
      : [`the module has no handler for ${event.phase}: the proxy is told to send none, and all of them pass`],
    ...bodyBytes === undefined
      ? []
      : [`the ${bodyBytes} bytes of the body are not shown to the module, which decides on the head alone`],
  ];
}

function showStartFailure(error: ModuleError, lines: readonly PrintedLine[], json: boolean): number {
  if (json) console.log(jsonStartFailure(error, lines));
  for (const line of json ? [] : table(printedRows(lines))) console.log(line);
  reportError(error, false, `What to do (${error.code}): ${ERRORS[error.code].remedy}`);
  return FAILED;
}

function clock(): string {
  return new Date().toTimeString().slice(0, 8);
}
