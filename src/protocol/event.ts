/**
 * What a proxy tells an agent, the same for every version and encoding of the wire.
 *
 * @module
 */

import type { ProtocolError } from "../errors.ts";
import type { Head } from "./head.ts";

/** Header name, in lower case as proxies send it, to its values in order. */
export type HeaderValues = Readonly<Record<string, readonly string[]>>;

/** The proxy hands over its configuration for this agent, before any request or on every connection. */
export interface ConfigureEvent {
  /** Type byte `0x17` on v2. */
  readonly kind: "configure";
  /** Empty when the payload could carry none. */
  readonly correlationId: string;
  /** Name of this agent in the proxy's configuration, where the wire carries it (v1). */
  readonly agentId?: string;
  /** Any JSON; null when not sent. */
  readonly config: unknown;
}

/** What the proxy knows of a request beyond its head. */
export interface RequestMetadata {
  /** The proxy's own id, beside the correlation id. */
  readonly requestId?: string;
  /** As sent, which up to 0.6.45 is `ip:port`. */
  readonly clientIp: string;
  /** 0 from proxies up to 0.6.45, where it stands in `clientIp`. */
  readonly clientPort?: number;
  /** From SNI or the Host header. */
  readonly serverName?: string;
  /** Such as `HTTP/1.1`. */
  readonly protocol?: string;
  /** As the proxy names it; absent without TLS. */
  readonly tlsVersion?: string;
  /** As the proxy names it; absent without TLS. */
  readonly tlsCipher?: string;
  /** Name in the proxy's configuration. */
  readonly routeId?: string;
  /** Name in the proxy's configuration. */
  readonly upstreamId?: string;
  /** When the request began, as in https://www.rfc-editor.org/rfc/rfc3339. */
  readonly timestamp?: string;
  /** `00-<trace id>-<parent id>-<flags>`. @see https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent?: string;
}

/** What the head of a request says. */
export interface RequestFields {
  /** Type byte `0x10` on v2. */
  readonly kind: "request_headers";
  /** From the metadata; all events of a request have the same. */
  readonly correlationId: string;
  /** As sent, not compared with any list. */
  readonly method: string;
  /** Path and query. */
  readonly uri: string;
  /** Old proxies send HTTP/2 pseudo headers, such as `:path`, among them. */
  readonly headers: HeaderValues;
  /** Without the correlation id. */
  readonly metadata: RequestMetadata;
}

/** What the head of an upstream's response says. */
export interface ResponseFields {
  /** Type byte `0x12` on v2. */
  readonly kind: "response_headers";
  /** The request's. */
  readonly correlationId: string;
  /** Any whole number, because no range is checked. */
  readonly status: number;
  /** A value that was not UTF-8 has arrived empty. */
  readonly headers: HeaderValues;
}

/** A piece of a body. */
export interface BodyChunkEvent {
  /** Type byte `0x11` or `0x13` on v2. */
  readonly kind: "request_body" | "response_body";
  /** The request's. */
  readonly correlationId: string;
  /** Base64, as sent. */
  readonly data: string;
  /** True on the chunk that ends the body. */
  readonly isLast: boolean;
  /** Counts from 0, and is 0 where none is sent. */
  readonly chunkIndex: number;
  /** Of the whole body, where the proxy knows it. */
  readonly totalBytes?: number;
}

/** A request is over, whatever came of it. */
export interface RequestCompleteEvent {
  /** Type byte `0x14` on v2. */
  readonly kind: "request_complete";
  /** The request's. */
  readonly correlationId: string;
  /** The final one; no range is checked. */
  readonly status: number;
  /** As the proxy measured it, in whole milliseconds. */
  readonly durationMs: number;
  /** `request_body_size` on the wire. */
  readonly requestBodyBytes: number;
  /** `response_body_size` on the wire. */
  readonly responseBodyBytes: number;
  /** 0 if no upstream was asked. */
  readonly upstreamAttempts: number;
  /** In the proxy's words: `connect timeout`. */
  readonly error?: string;
}

/** A WebSocket frame passes. */
export interface WebSocketFrameEvent {
  /** Type byte `0x15` on v2. */
  readonly kind: "websocket_frame";
  /** That of the request that asked for the upgrade. */
  readonly correlationId: string;
  /** `text`, `binary`, `ping`, `pong`, `close` or `continuation`; not checked. */
  readonly opcode: string;
  /** Base64, as sent. */
  readonly data: string;
  /** False for a frame to the client. */
  readonly clientToServer: boolean;
  /** From 0, counted for each direction of a connection. */
  readonly frameIndex: number;
  /** True on the last frame of a message. */
  readonly fin: boolean;
  /** Name in the proxy's configuration. */
  readonly routeId?: string;
  /** As sent. */
  readonly clientIp?: string;
}

/** Text of a model's prompt or answer to look at. */
export interface GuardrailInspectEvent {
  /** Type byte `0x16` on v2. */
  readonly kind: "guardrail_inspect";
  /** The request's. */
  readonly correlationId: string;
  /** `prompt_injection` or `pii_detection`; not checked. */
  readonly inspectionType: string;
  /** From the request's or the response's body. */
  readonly content: string;
  /** Absent where the proxy does not know it. */
  readonly model?: string;
  /** What to look for, such as `email`; empty when not sent. */
  readonly categories: readonly string[];
  /** Name in the proxy's configuration. */
  readonly routeId?: string;
}

/** An event of which nothing but its correlation id can be read, so that it can be answered but not decided. */
export interface UnreadableEvent {
  /** Stands for any kind. */
  readonly kind: "unreadable";
  /** The request's. */
  readonly correlationId: string;
  /** Kind of the event as the proxy names it, which may be one that is not known. */
  readonly phase: string;
  /** The field that is not as it must be. */
  readonly error: ProtocolError;
}

/** Any event of the protocol. */
export type Event =
  | UnreadableEvent
  | ConfigureEvent
  | Head
  | BodyChunkEvent
  | RequestCompleteEvent
  | WebSocketFrameEvent
  | GuardrailInspectEvent;
