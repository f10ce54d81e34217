/**
 * What is seen of events, as spans of OpenTelemetry: one for each event, below the span of the proxy's that its `traceparent` names.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 * @module
 */

import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import { AgentError } from "../errors.ts";
import { escapeText } from "../escape.ts";
import type { Failure, Observer, SessionNote } from "../ops/mod.ts";
import { PROGRAM, VERSION } from "../program.ts";
import { type Decision, type Event, metadataOf, type Protocol } from "../protocol/mod.ts";
import { Pending, phaseOf } from "./pending.ts";

/** Requests whose trace is known until their response comes: the proxy tells it with the request alone. */
const MAX_TRACES = 16_384;
const QUERY = "?";
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const VERSION_WITHOUT_MORE = "00";

/** A span's context as others see it. */
interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote: true;
}

/** An event's span, and what it will say at its end. */
interface Traced {
  readonly span: Span;
  /** The module that was asked last. */
  module?: string;
  /** Code of the first failure. */
  failed?: string;
}

/** The span that a `traceparent` names; undefined if it is not as it must be. */
export function parseTraceparent(text: unknown): RemoteParent | undefined {
  const match = typeof text === "string" ? TRACEPARENT.exec(text) : null;
  if (match === null) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = match;
  if (version === VERSION_WITHOUT_MORE && more !== undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

/** Makes the spans of one event loop's events. */
export class Spans implements Observer {
  readonly #tracer: Tracer;
  readonly #pending = new Pending<Traced>(({ span }) => endWith(span, "no reply: nobody waits for it any more"));
  readonly #traces = new Map<string, Context | undefined>();

  /** @param tracer For tests: another one than that of the process. */
  constructor(tracer: Tracer = trace.getTracer(PROGRAM, VERSION)) {
    this.#tracer = tracer;
  }

  /** Begins a span. */
  arrived(event: Event): void {
    if (event.kind === "configure") return;
    const phase = phaseOf(event);
    const context = this.#contextOf(event);
    if (context === undefined) return;
    const attributes = {
      "sentinel.phase": shown(phase),
      "sentinel.correlation_id": shown(event.correlationId),
      ...headAttributes(event),
    };
    const span = this.#tracer.startSpan(`decide ${shown(phase)}`, { kind: SpanKind.SERVER, attributes }, context);
    this.#pending.begin(event, { span });
  }

  /** The fail mode decides. */
  failed({ phase, correlationId, module, error }: Failure): void {
    const code = error instanceof AgentError ? error.code : "UNEXPECTED";
    const traced = this.#pending.of(phase, correlationId);
    if (traced === undefined) return;
    traced.failed ??= code;
    traced.span.addEvent("exception", {
      "exception.type": code,
      "exception.message": escapeText(error instanceof Error ? error.message : String(error)),
      "sentinel.module": shown(module),
    });
  }

  /** A module of the chain has had its say. The first that does not allow decides. */
  answered(module: string, event: Event, { verdict }: Decision): void {
    const traced = this.#pending.of(phaseOf(event), event.correlationId);
    if (traced === undefined) return;
    traced.module = shown(module);
    traced.span.addEvent("answered", { "sentinel.module": traced.module, "sentinel.decision": verdict.kind });
  }

  /** Ends the span. */
  decided(event: Event, { verdict, tags, audit }: Decision, _tookMs: number, protocol: Protocol): void {
    const traced = this.#pending.end(event);
    if (traced === undefined) return;
    const { span, module, failed } = traced;
    if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
    // Each once: Deno 2.9.6 exports what is set again beside what was set before.
    span.setAttributes({
      ...module === undefined ? {} : { "sentinel.module": module },
      ...failed === undefined ? {} : { "error.type": failed },
      "sentinel.decision": verdict.kind,
      "sentinel.protocol": protocol,
      ...tags.length === 0 ? {} : { "sentinel.tags": tags.map(shown) },
      ...audit === undefined || audit.ruleIds.length === 0 ? {} : { "sentinel.rule_ids": audit.ruleIds.map(shown) },
      ..."status" in verdict ? { "sentinel.status": verdict.status } : {},
    });
    span.end();
  }

  /** A reply that comes too late is not sent. */
  noted(note: SessionNote): void {
    const traced = note.kind === "late" ? this.#pending.end(note.event) : undefined;
    if (traced !== undefined) endWith(traced.span, "reply dropped: too late");
  }

  /** Where the span belongs; undefined if the proxy keeps nothing of this trace. */
  #contextOf(event: Event): Context | undefined {
    if (event.kind !== "request_headers") {
      return this.#traces.has(event.correlationId) ? this.#traces.get(event.correlationId) : ROOT_CONTEXT;
    }
    // A proxy that traces nothing itself hands its client's on.
    const parent = parseTraceparent(metadataOf(event).traceparent ?? event.header("traceparent"));
    if (parent === undefined) return ROOT_CONTEXT;
    // Deno 2.9.6 does not look at it, whatever sampler it is told.
    const isSampled = (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
    const context = isSampled ? trace.setSpanContext(ROOT_CONTEXT, parent) : undefined;
    this.#remember(event.correlationId, context);
    return context;
  }

  #remember(correlationId: string, context: Context | undefined): void {
    if (this.#traces.size >= MAX_TRACES) {
      for (const oldest of this.#traces.keys()) {
        this.#traces.delete(oldest);
        break;
      }
    }
    this.#traces.set(correlationId, context);
  }
}

/** Without the query, which may have secrets. */
function headAttributes(event: Event): Attributes {
  if (event.kind === "request_headers") {
    const [path = ""] = event.uri().split(QUERY, 1);
    return { "http.request.method": shown(event.method()), "url.path": shown(path) };
  }
  return event.kind === "response_headers" ? { "http.response.status_code": event.status } : {};
}

function endWith(span: Span, message: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
}

function shown(text: string): string {
  return escapeText(text);
}
