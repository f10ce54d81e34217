/**
 * Traces events if the environment asks for it.
 *
 * @module
 */

import type { Observer } from "../ops/mod.ts";

/** Where OpenTelemetry's providers are registered; Deno has done so by now where `OTEL_DENO` asks for it, and needs no grant for it. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** The observer that traces one event loop's events. It observes nothing if tracing is off. */
export async function tracer(): Promise<Observer> {
  if (!(REGISTERED in globalThis)) return {};
  return new (await import("./spans.ts")).Spans();
}
