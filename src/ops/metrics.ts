/**
 * Counts what happens on one event loop. What happens once a request is counted in arrays of numbers; names and labels are added only when
 * somebody asks for the figures.
 *
 * @module
 */

import { AgentError, type ErrorCode } from "../errors.ts";
import type { Decision, Event, Protocol } from "../protocol/mod.ts";
import type { Figure } from "./figures.ts";
import { Histogram } from "./histogram.ts";
import type { MetricName } from "./metric_table.ts";
import type {
  Failure,
  Measure,
  Observer,
  Place,
  PrintedLine,
  ReloadOutcome,
  SessionNote,
  UnknownKey,
  WornBy,
} from "./observer.ts";

/** Most different modules that are told apart: a reload may bring others, and each has its own figures for good. */
const MAX_MODULES = 64;
/** Most different values of the labels of one metric. */
const MAX_SERIES = 1_000;
/** The label of everything beyond the number of values that are told apart. */
const OTHER = "other";

/** Places in the arrays. */
const PHASE = {
  request_headers: 0,
  response_headers: 1,
  request_body: 2,
  response_body: 3,
  request_complete: 4,
  websocket_frame: 5,
  guardrail_inspect: 6,
  configure: 7,
  unreadable: 8,
} as const satisfies Readonly<Record<Event["kind"], number>>;
const DECISION = {
  allow: 0,
  block: 1,
  redirect: 2,
  challenge: 3,
} as const satisfies Readonly<Record<Decision["verdict"]["kind"], number>>;
const PROTOCOL = { v1: 0, v2: 1 } as const satisfies Readonly<Record<Protocol, number>>;
const PHASES = Object.keys(PHASE), DECISIONS = Object.keys(DECISION), PROTOCOLS = Object.keys(PROTOCOL);

/** Counts of decisions by phase, decision and protocol. */
class Decisions {
  readonly #counts = new Float64Array(PHASES.length * DECISIONS.length * PROTOCOLS.length);

  count(phase: Event["kind"], decision: Decision["verdict"]["kind"], protocol: Protocol): void {
    const row = PHASE[phase] * DECISIONS.length + DECISION[decision];
    this.#counts[row * PROTOCOLS.length + PROTOCOL[protocol]]!++;
  }

  *figures(metric: MetricName, ...before: readonly string[]): Iterable<Figure> {
    let index = 0;
    for (const phase of PHASES) {
      for (const decision of DECISIONS) {
        for (const protocol of PROTOCOLS) {
          const value = this.#counts[index++]!;
          if (value > 0) yield { metric, labels: [...before, phase, decision, protocol], value };
        }
      }
    }
  }
}

/** Counts of one module that grow with each request. */
class ModuleCounts {
  readonly decisions = new Decisions();
  readonly waits = new Histogram();
  readonly calls = new Histogram();
}

/** An observer that counts. */
export class Metrics implements Observer {
  readonly #replies = new Decisions();
  readonly #durations = PHASES.map(() => PROTOCOLS.map(() => new Histogram()));
  readonly #modules = new Map<string, ModuleCounts>();
  /** Counts that do not grow with each request, by metric and then by labels. */
  readonly #rare = new Map<MetricName, Map<string, { readonly labels: readonly string[]; value: number }>>();
  #open = 0;
  #lastReload: ReloadOutcome | undefined;
  #receivedBytes = 0;
  #receivedFrames = 0;
  #sentBytes = 0;
  #sentFrames = 0;

  decided(event: Event, { verdict }: Decision, tookMs: number, protocol: Protocol): void {
    this.#replies.count(event.kind, verdict.kind, protocol);
    this.#durations[PHASE[event.kind]]![PROTOCOL[protocol]]!.observe(tookMs);
  }

  answered(module: string, event: Event, { verdict }: Decision, protocol: Protocol): void {
    this.#module(module).decisions.count(event.kind, verdict.kind, protocol);
  }

  called(module: string, waitedMs: number, tookMs: number): void {
    const { waits, calls } = this.#module(module);
    waits.observe(waitedMs);
    calls.observe(tookMs);
  }

  received(bytes: number, frames: number): void {
    this.#receivedBytes += bytes;
    this.#receivedFrames += frames;
  }

  sent(bytes: number, frames: number): void {
    this.#sentBytes += bytes;
    this.#sentFrames += frames;
  }

  failed({ module, error }: Failure): void {
    const code = codeOf(error);
    if (code === "POOL_WAIT_ABORTED") this.#add("sentinel_wasm_cancelled_total", [module]);
    else this.#add("sentinel_wasm_errors_total", [module, code]);
  }

  notStarted(module: string, error: unknown): void {
    this.#add("sentinel_wasm_errors_total", [module, codeOf(error)]);
  }

  made(module: string, place: Place): void {
    this.#add("sentinel_wasm_instances_made_total", [module, place]);
  }

  ended(module: string, why: WornBy | ErrorCode): void {
    const worn = why === "calls" || why === "memory";
    this.#add(worn ? "sentinel_wasm_instances_recycled_total" : "sentinel_wasm_instances_killed_total", [module, why]);
  }

  printed({ module, stream }: PrintedLine): void {
    this.#add("sentinel_wasm_printed_lines_total", [module, stream]);
  }

  measured({ module, name, value }: Measure): void {
    this.#add("sentinel_wasm_module_metric_total", [module, name], value);
  }

  unknownKey({ module }: UnknownKey): void {
    this.#add("sentinel_wasm_unknown_keys_total", [module]);
  }

  connections(open: number): void {
    if (open > this.#open) this.#add("sentinel_wasm_connections_total", []);
    this.#open = open;
  }

  connectionClosed(error: unknown): void {
    this.#add("sentinel_wasm_connections_closed_total", [codeOf(error)]);
  }

  reloaded(outcome: ReloadOutcome): void {
    this.#lastReload = outcome;
    this.#add("sentinel_wasm_reloads_total", [outcome.cause, outcome.error === undefined ? "reloaded" : "refused"]);
  }

  noted(note: SessionNote): void {
    if (note.kind === "late") this.#add("sentinel_wasm_replies_late_total", []);
    else if (note.kind === "not_taken") this.#add("sentinel_wasm_replies_not_taken_total", [], note.replies);
    else if (note.kind === "handshake") {
      this.#add("sentinel_wasm_handshakes_total", [note.refusal === undefined ? "agreed" : "refused"]);
    }
  }

  /** All figures so far. */
  *figures(): Iterable<Figure> {
    yield* this.#replies.figures("sentinel_wasm_replies_total");
    for (const [phase, protocols] of this.#durations.entries()) {
      for (const [protocol, histogram] of protocols.entries()) {
        yield* timed("sentinel_wasm_event_duration_seconds", [PHASES[phase]!, PROTOCOLS[protocol]!], histogram);
      }
    }
    for (const [module, { decisions, waits, calls }] of this.#modules) {
      yield* decisions.figures("sentinel_wasm_requests_total", module);
      yield* timed("sentinel_wasm_queue_duration_seconds", [module], waits);
      yield* timed("sentinel_wasm_call_duration_seconds", [module], calls);
    }
    for (const [metric, series] of this.#rare) {
      for (const { labels, value } of series.values()) yield { metric, labels, value };
    }
    if (this.#lastReload !== undefined) {
      const { at, error } = this.#lastReload;
      yield { metric: "sentinel_wasm_last_reload_successful", labels: [], value: error === undefined ? 1 : 0 };
      yield { metric: "sentinel_wasm_last_reload_timestamp_seconds", labels: [], value: at / 1000 };
    }
    yield { metric: "sentinel_wasm_connections", labels: [], value: this.#open };
    yield { metric: "sentinel_wasm_received_bytes_total", labels: [], value: this.#receivedBytes };
    yield { metric: "sentinel_wasm_received_frames_total", labels: [], value: this.#receivedFrames };
    yield { metric: "sentinel_wasm_sent_bytes_total", labels: [], value: this.#sentBytes };
    yield { metric: "sentinel_wasm_sent_frames_total", labels: [], value: this.#sentFrames };
  }

  #module(name: string): ModuleCounts {
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    if (name !== OTHER && this.#modules.size >= MAX_MODULES) return this.#module(OTHER);
    const counts = new ModuleCounts();
    this.#modules.set(name, counts);
    return counts;
  }

  #add(metric: MetricName, labels: readonly string[], value = 1): void {
    const series = this.#rare.get(metric) ?? new Map<string, { readonly labels: readonly string[]; value: number }>();
    this.#rare.set(metric, series);
    const key = labels.join("\0");
    const known = series.get(key);
    if (known !== undefined) known.value += value;
    else if (series.size < MAX_SERIES || labels.every((label) => label === OTHER)) series.set(key, { labels, value });
    else this.#add(metric, labels.map(() => OTHER), value);
  }
}

function* timed(metric: MetricName, labels: readonly string[], histogram: Histogram): Iterable<Figure> {
  const { counts, sumMs } = histogram;
  if (counts.some((count) => count > 0)) yield { metric, labels, value: sumMs / 1000, counts };
}

/** Code of any error; one that no code here has raised is a fault of this program or the system. */
function codeOf(error: unknown): ErrorCode {
  return error instanceof AgentError ? error.code : "UNEXPECTED";
}
