/**
 * What `invoke` has seen of an event, for people and for programs.
 *
 * @module
 */

import { AgentError, ERRORS } from "../errors.ts";
import { escapeText } from "../escape.ts";
import { describeDecision, type DescribedEvent, type TrialAnswer } from "../lanes/mod.ts";
import type { GuestModule } from "../guest/mod.ts";
import type { PrintedLine } from "../ops/mod.ts";
import { bar, buckets, quantile } from "./spread.ts";
import { showBytes, showCount, showMs } from "./units.ts";
import { decisionRows, paintVerdict, type Row, rows } from "./show_decision.ts";
import { paint, table } from "./terminal.ts";

/** What came of an event, asked once or again and again. */
export interface Seen {
  readonly event: DescribedEvent;
  /** The first answer, or the first that failed if one did. */
  readonly answer: TrialAnswer;
  /** Times of all calls, in milliseconds, ascending. */
  readonly times: Float64Array;
  /** Calls whose answer was another one than the first's. */
  readonly different: number;
  /** Calls that failed. */
  readonly failed: number;
  /** Memory of all instances before the first call and after the last, in bytes. */
  readonly memory?: { readonly beforeBytes: number; readonly afterBytes: number };
  /** What the module has counted, by name. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly warnings: readonly string[];
}

/** What a failure is called, and what to do about it. */
function describeFailure(error: unknown): DescribedFailure {
  const code = error instanceof AgentError ? error.code : "UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  return { code, message, trace: traceOf(error), remedy: ERRORS[code].remedy };
}

interface DescribedFailure {
  readonly code: string;
  readonly message: string;
  /** Undefined where nobody knows where it happened. */
  readonly trace: readonly string[] | undefined;
  readonly remedy: string;
}

/** Where in a module's code an error happened, if that is known. */
function traceOf(error: unknown): readonly string[] | undefined {
  return error instanceof AgentError && error.trace.length > 0 ? error.trace : undefined;
}

/** A line of JSON. */
export function jsonReport({ event, answer, ...seen }: Seen, module: GuestModule): string {
  const { decision, failure, printed, tookMs } = answer;
  const { memory, times, warnings, metrics } = seen;
  return JSON.stringify({
    phase: event.event.phase,
    ...describeDecision(decision, module.dialect),
    failure: failure === undefined ? undefined : describeFailure(failure),
    printed: printed.map(({ stream, level, line }) => ({ stream, level, line })),
    metrics: metrics.size === 0 ? undefined : Object.fromEntries(metrics),
    took_ms: tookMs,
    repeat: times.length === 1 ? undefined : {
      calls: times.length,
      failed: seen.failed,
      different: seen.different,
      p50_ms: quantile(times, 0.5),
      p99_ms: quantile(times, 0.99),
      max_ms: quantile(times, 1),
      histogram: buckets(times).map(({ toMs, count }) => ({ to_ms: toMs, count })),
    },
    memory: memory && { before_bytes: memory.beforeBytes, after_bytes: memory.afterBytes },
    warnings,
    module: { name: module.name, sha256: module.sha256, abi: module.abi },
  });
}

/** A module that does not start, as a line of JSON. */
export function jsonStartFailure(error: AgentError, printed: readonly PrintedLine[]): string {
  return JSON.stringify({
    failure: describeFailure(error),
    printed: printed.map(({ stream, level, line }) => ({ stream, level, line })),
  });
}

/** Lines for people: the answer first, then what is to be known of it. */
export function textReport(seen: Seen): readonly string[] {
  const { answer, event, memory, metrics, warnings } = seen;
  const { payload, phase } = event.event;
  const known = phase === "request_headers" ? { request: headersIn(payload) } : { response: headersIn(payload) };
  const [first, ...others] = decisionRows(answer.decision, known);
  const failure = answer.failure === undefined ? undefined : describeFailure(answer.failure);
  const lines = table([
    failure === undefined || first === undefined ? first ?? [] : [first[0], `${first[1]}, by the fail mode`],
    ...failureRows(failure),
    ...others,
    ...printedRows(answer.printed),
    ...rows("metrics", [...metrics].map(([name, value]) => `${name} +${value}`)),
    ...timeRows(seen),
    ...rows("memory", memory === undefined ? [] : [memoryText(memory)]),
    ...warnings.map((text): Row => [paint("warning", "warning"), escapeText(text)]),
  ]);
  return [...lines, ...seen.times.length > 1 ? ["", ...histogram(seen.times)] : []];
}

/** A line for all events of a file. */
export function summary(all: readonly Seen[]): string {
  const counts = new Map<string, number>();
  for (const { answer } of all) {
    const kind = paintVerdict(answer.decision.verdict);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const failed = all.filter((seen) => seen.failed > 0).length;
  const kinds = [...counts].map(([kind, count]) => `${showCount(count)} ${kind}`);
  return [`${showCount(all.length)} events: ${kinds.join(", ")}`, ...failed > 0 ? [`${showCount(failed)} failed`] : []]
    .join("; ");
}

/** What an event is, in a few words. */
export function eventTitle({ event: { payload, phase } }: DescribedEvent): string {
  const { method, uri, status } = Object(payload);
  return escapeText(phase === "request_headers" ? `${method} ${uri}` : `response ${status}`);
}

/** Lines that a module has printed. */
export function printedRows(printed: readonly PrintedLine[]): readonly Row[] {
  return rows(
    "printed",
    printed.map(({ stream, level, line }) => ({
      painted: `${paint("faint", level === "info" ? stream : `${stream} ${level}`)}  ${escapeText(line)}`,
    })),
  );
}

function failureRows(failure: DescribedFailure | undefined): readonly Row[] {
  if (failure === undefined) return [];
  const [first = "", ...others] = failure.message.split("\n");
  return [
    ["failure", `${paint("bad", failure.code)}  ${escapeText(first)}`],
    ...rows("", others),
    ...rows("trace", failure.trace ?? []),
    ...rows("what to do", [failure.remedy]),
  ];
}

function timeRows({ times, answer, failed, different }: Seen): readonly Row[] {
  if (times.length === 1) return [["time", `${showMs(answer.tookMs)} (a first call: --repeat N shows the usual)`]];
  const spread = [["p50", 0.5], ["p99", 0.99], ["max", 1]] as const;
  const texts = spread.map(([name, share]) => `${name} ${showMs(quantile(times, share))}`);
  return [
    ["time", `${texts.join(", ")} of ${showCount(times.length)} calls`],
    ...rows("failed", failed === 0 ? [] : [`${showCount(failed)} of ${showCount(times.length)} calls`]),
    ...rows("different", different === 0 ? [] : [`${showCount(different)} calls were not answered as the first`]),
  ];
}

function memoryText(
  { beforeBytes, afterBytes }: { readonly beforeBytes: number; readonly afterBytes: number },
): string {
  const grown = afterBytes - beforeBytes;
  if (grown === 0) return `${showBytes(afterBytes)}, not grown`;
  return `${showBytes(afterBytes)}, ${grown > 0 ? "grown" : "shrunk"} by ${showBytes(Math.abs(grown))}`;
}

const BAR_COLUMNS = 40;

function histogram(times: Float64Array): readonly string[] {
  const found = buckets(times);
  const most = Math.max(...found.map(({ count }) => count));
  return table(
    found.map(({ toMs, count }) => [`to ${showMs(toMs)}`, showCount(count), bar(count / most, BAR_COLUMNS)]),
    { right: [0, 1] },
  );
}

function headersIn(payload: unknown): Readonly<Record<string, readonly string[]>> {
  const { headers } = Object(payload);
  return typeof headers === "object" && headers !== null ? headers : {};
}
