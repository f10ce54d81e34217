/**
 * Events as they come, for observers.
 *
 * @module
 */

import type { Head } from "../../../src/protocol/mod.ts";
import { headOf, V1 } from "../protocol/wires.ts";

/** The head of a request, or of a response where `eventType` says so. */
export function headFrom(payload: Readonly<Record<string, unknown>>, eventType = "request_headers"): Head {
  const body = new TextEncoder().encode(JSON.stringify({ version: 1, event_type: eventType, payload }));
  return headOf(V1.decode(body)).retain();
}

/** A request with this in its metadata. */
export function requestWith(
  correlationId: string,
  metadata: Readonly<Record<string, unknown>> = {},
  changes: Readonly<Record<string, unknown>> = {},
): Head {
  const all = { correlation_id: correlationId, client_ip: "192.0.2.1", ...metadata };
  return headFrom({ metadata: all, method: "GET", uri: "/a?token=t", headers: { host: ["example.org"] }, ...changes });
}

/** A response. */
export function responseOf(correlationId: string, status = 200, headers: unknown = {}): Head {
  return headFrom({ correlation_id: correlationId, status, headers }, "response_headers");
}
