/**
 * Event payloads: decoded JSON to {@linkcode Event}. Both versions of the wire carry the same ones.
 *
 * A field is optional where some release leaves it out or sends null, and required otherwise. Unknown fields are ignored.
 *
 * @see https://crates.io/crates/sentinel-agent-protocol/0.3.4 and https://crates.io/crates/zentinel-agent-protocol/0.6.45, which the
 * fields were read from; captured frames of both are in `tests/conformance/frames`.
 *
 * @module
 */

import type { Phase } from "../phase.ts";
import { DecodedHead } from "./decoded_head.ts";
import type { Event, RequestMetadata } from "./event.ts";
import {
  booleanAt,
  countAt,
  type Fields,
  headersAt,
  idAt,
  objectAt,
  optionalCountAt,
  optionalIdAt,
  optionalSizeAt,
  optionalStringAt,
  sizeAt,
  stringAt,
  stringsAt,
} from "./fields.ts";

/**
 * The event of `phase` that `payload` describes.
 *
 * @throws {ProtocolError} `MESSAGE_BAD_FIELD` naming the first field that is missing or of a wrong type.
 */
export function decodePayload(phase: Phase, payload: unknown): Event {
  return DECODERS[phase](objectAt(payload, "payload"));
}

const DECODERS: { readonly [P in Phase]: (fields: Fields) => Event } = {
  configure: (fields) => ({
    kind: "configure",
    correlationId: optionalIdAt(fields, "correlation_id") ?? "",
    agentId: optionalStringAt(fields, "agent_id"),
    config: fields.config ?? null,
  }),
  request_headers: (fields) => {
    const metadata = objectAt(fields.metadata, "metadata");
    return new DecodedHead({
      kind: "request_headers",
      correlationId: idAt(metadata, "correlation_id"),
      method: stringAt(fields, "method"),
      uri: stringAt(fields, "uri"),
      headers: headersAt(fields, "headers"),
      metadata: decodeMetadata(metadata),
    });
  },
  response_headers: (fields) =>
    new DecodedHead({
      kind: "response_headers",
      correlationId: idAt(fields, "correlation_id"),
      status: countAt(fields, "status"),
      headers: headersAt(fields, "headers"),
    }),
  request_body: (fields) => decodeBodyChunk("request_body", fields),
  response_body: (fields) => decodeBodyChunk("response_body", fields),
  request_complete: (fields) => ({
    kind: "request_complete",
    correlationId: idAt(fields, "correlation_id"),
    status: countAt(fields, "status"),
    durationMs: sizeAt(fields, "duration_ms"),
    requestBodyBytes: sizeAt(fields, "request_body_size"),
    responseBodyBytes: sizeAt(fields, "response_body_size"),
    upstreamAttempts: sizeAt(fields, "upstream_attempts"),
    error: optionalStringAt(fields, "error"),
  }),
  websocket_frame: (fields) => ({
    kind: "websocket_frame",
    correlationId: idAt(fields, "correlation_id"),
    opcode: stringAt(fields, "opcode"),
    data: stringAt(fields, "data"),
    clientToServer: booleanAt(fields, "client_to_server"),
    frameIndex: sizeAt(fields, "frame_index"),
    fin: booleanAt(fields, "fin"),
    routeId: optionalStringAt(fields, "route_id"),
    clientIp: optionalStringAt(fields, "client_ip"),
  }),
  guardrail_inspect: (fields) => ({
    kind: "guardrail_inspect",
    correlationId: idAt(fields, "correlation_id"),
    inspectionType: stringAt(fields, "inspection_type"),
    content: stringAt(fields, "content"),
    model: optionalStringAt(fields, "model"),
    categories: fields.categories === undefined ? [] : stringsAt(fields, "categories"),
    routeId: optionalStringAt(fields, "route_id"),
  }),
};

function decodeMetadata(fields: Fields): RequestMetadata {
  return {
    requestId: optionalStringAt(fields, "request_id"),
    clientIp: stringAt(fields, "client_ip"),
    clientPort: optionalCountAt(fields, "client_port"),
    serverName: optionalStringAt(fields, "server_name"),
    protocol: optionalStringAt(fields, "protocol"),
    tlsVersion: optionalStringAt(fields, "tls_version"),
    tlsCipher: optionalStringAt(fields, "tls_cipher"),
    routeId: optionalStringAt(fields, "route_id"),
    upstreamId: optionalStringAt(fields, "upstream_id"),
    timestamp: optionalStringAt(fields, "timestamp"),
    traceparent: optionalStringAt(fields, "traceparent"),
  };
}

function decodeBodyChunk(kind: "request_body" | "response_body", fields: Fields): Event {
  return {
    kind,
    correlationId: idAt(fields, "correlation_id"),
    data: stringAt(fields, "data"),
    isLast: booleanAt(fields, "is_last"),
    chunkIndex: optionalCountAt(fields, "chunk_index") ?? 0,
    totalBytes: optionalSizeAt(fields, "total_size"),
  };
}
