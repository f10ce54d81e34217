/**
 * What a proxy tells an agent, the same for every version and encoding of the wire.
 *
 * @module
 */

import type { HeadKind, RawHead } from "./raw_head.ts";

/** Header name, in lower case as proxies send it, to its values in order. */
export type HeaderValues = Readonly<Record<string, readonly string[]>>;

/** The proxy hands over its configuration for this agent, before any request or on every connection. */
export interface ConfigureEvent {
  readonly kind: "configure";
  /** Empty when the payload could carry none. */
  readonly correlationId: string;
  /** Name of this agent in the proxy's configuration, where the wire carries it (v1). */
  readonly agentId?: string;
  readonly config: unknown;
}

/** What the proxy knows of a request beyond its head. */
export interface RequestMetadata {
  readonly requestId?: string;
  /** As sent: up to 0.6.45 `ip:port`. */
  readonly clientIp: string;
  readonly clientPort?: number;
  readonly serverName?: string;
  readonly protocol?: string;
  readonly tlsVersion?: string;
  readonly tlsCipher?: string;
  readonly routeId?: string;
  readonly upstreamId?: string;
  readonly timestamp?: string;
  readonly traceparent?: string;
}

/** A request's head has arrived. */
export interface RequestHeadersEvent {
  readonly kind: "request_headers";
  readonly correlationId: string;
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  readonly headers: HeaderValues;
  readonly metadata: RequestMetadata;
}

/** The upstream's response head has arrived. */
export interface ResponseHeadersEvent {
  readonly kind: "response_headers";
  readonly correlationId: string;
  readonly status: number;
  readonly headers: HeaderValues;
}

/**
 * A head of either kind whose fields have been found and not decoded: what stands in a request's or response's event.
 * `raw` holds only until the next frame is decoded.
 */
export interface RawHeadEvent {
  readonly kind: HeadKind;
  readonly correlationId: string;
  readonly raw: RawHead;
}

/** The head of a request or response. */
export type HeadEvent = RequestHeadersEvent | ResponseHeadersEvent | RawHeadEvent;

/** A piece of a body. */
export interface BodyChunkEvent {
  readonly kind: "request_body_chunk" | "response_body_chunk";
  readonly correlationId: string;
  /** Base64, as sent. */
  readonly data: string;
  readonly isLast: boolean;
  readonly chunkIndex: number;
  readonly totalBytes?: number;
}

/** A request is over, whatever came of it. */
export interface RequestCompleteEvent {
  readonly kind: "request_complete";
  readonly correlationId: string;
  readonly status: number;
  readonly durationMs: number;
  readonly requestBodyBytes: number;
  readonly responseBodyBytes: number;
  readonly upstreamAttempts: number;
  readonly error?: string;
}

/** A WebSocket frame passes. */
export interface WebSocketFrameEvent {
  readonly kind: "websocket_frame";
  readonly correlationId: string;
  readonly opcode: string;
  /** Base64, as sent. */
  readonly data: string;
  readonly clientToServer: boolean;
  readonly frameIndex: number;
  readonly fin: boolean;
  readonly routeId?: string;
  readonly clientIp?: string;
}

/** Text of a model's prompt or answer to look at. */
export interface GuardrailInspectEvent {
  readonly kind: "guardrail_inspect";
  readonly correlationId: string;
  readonly inspectionType: string;
  readonly content: string;
  readonly model?: string;
  readonly categories: readonly string[];
  readonly routeId?: string;
}

/** Any event of the protocol. */
export type Event =
  | ConfigureEvent
  | HeadEvent
  | BodyChunkEvent
  | RequestCompleteEvent
  | WebSocketFrameEvent
  | GuardrailInspectEvent;

/** Name of an event, as v1 writes it but for `websocket_frame`. */
export type EventKind = Event["kind"];
