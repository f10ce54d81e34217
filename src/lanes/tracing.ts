/**
 * Whether events are traced, and what does so if they are.
 *
 * @module
 */

import type { Observer } from "../ops/mod.ts";

/** Where OpenTelemetry's providers are registered; Deno has done so by now where `OTEL_DENO` asks for it, and needs no grant for it. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** What traces one event loop's events; looks at nothing where tracing is off. */
export async function tracer(): Promise<Observer> {
  if (!(REGISTERED in globalThis)) return {};
  return new (await import("./spans.ts")).Spans();
}
