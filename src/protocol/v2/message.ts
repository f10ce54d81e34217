/**
 * v2 messages: a type byte, then a payload that is JSON.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import type { Event, EventKind } from "../event.ts";
import { idAt, isFields, objectAt, parseJson } from "../fields.ts";
import { checkHeadBytes } from "../limits.ts";
import { decodePayload } from "../payload.ts";
import { RawHead } from "../raw_head.ts";
import { orUnreadable } from "../unreadable.ts";
import { decodeHandshake, type Handshake } from "./handshake.ts";

/** Type byte of a message. Source: zentinel-agent-protocol 0.6.45. */
export const MessageType = {
  handshakeRequest: 0x01,
  handshakeResponse: 0x02,
  requestHeaders: 0x10,
  requestBodyChunk: 0x11,
  responseHeaders: 0x12,
  responseBodyChunk: 0x13,
  requestComplete: 0x14,
  websocketFrame: 0x15,
  guardrailInspect: 0x16,
  configure: 0x17,
  agentResponse: 0x20,
  flowControl: 0x33,
  cancel: 0x40,
  ping: 0x41,
  pong: 0x42,
} as const;

/** A message that a proxy may send. */
export type Message =
  | { readonly kind: "handshake"; readonly handshake: Handshake }
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "cancel"; readonly correlationId: string }
  /** To be answered with a pong of the same payload; valid as long as the frame it came in. */
  | { readonly kind: "ping"; readonly payload: Uint8Array }
  /** Nothing is to be done. */
  | { readonly kind: "ignored" };

const EVENT_KINDS: ReadonlyMap<number, EventKind> = new Map<number, EventKind>([
  [MessageType.requestHeaders, "request_headers"],
  [MessageType.requestBodyChunk, "request_body_chunk"],
  [MessageType.responseHeaders, "response_headers"],
  [MessageType.responseBodyChunk, "response_body_chunk"],
  [MessageType.requestComplete, "request_complete"],
  [MessageType.websocketFrame, "websocket_frame"],
  [MessageType.guardrailInspect, "guardrail_inspect"],
]);

const head = new RawHead();
const PAYLOAD_START = 1;

/**
 * The message in a v2 frame's body; the event of a head may be a {@linkcode RawHeadEvent}, good until the next call.
 *
 * @throws {ProtocolError} `MESSAGE_UNKNOWN_KIND` for a type byte no proxy may send, `MESSAGE_NOT_JSON`, `MESSAGE_OVER_LIMIT`;
 * `MESSAGE_BAD_FIELD` for what is no event, or has no id that can be read.
 */
export function decodeV2Message(body: Uint8Array): Message {
  const type = body[0]!;
  const payload = body.subarray(PAYLOAD_START);
  const eventKind = EVENT_KINDS.get(type);
  if (
    (eventKind === "request_headers" || eventKind === "response_headers") && head.scanV2(body, PAYLOAD_START, eventKind)
  ) {
    return { kind: "event", event: head.toEvent() };
  }
  if (eventKind !== undefined) {
    checkHeadBytes(eventKind, body.length);
    return eventMessage(eventKind, parseJson(payload));
  }
  switch (type) {
    case MessageType.ping:
      return { kind: "ping", payload };
    case MessageType.configure:
      return eventMessage("configure", configurePayload(parseJson(payload)));
    case MessageType.cancel:
      return { kind: "cancel", correlationId: idAt(objectAt(parseJson(payload), "payload"), "correlation_id") };
    case MessageType.handshakeRequest:
      return { kind: "handshake", handshake: decodeHandshake(objectAt(parseJson(payload), "payload")) };
    case MessageType.flowControl:
    case MessageType.pong:
      return { kind: "ignored" };
  }
  throw new ProtocolError(
    "MESSAGE_UNKNOWN_KIND",
    `Cannot read message as its type must be one a proxy sends: received ${type.toString(16).padStart(2, "0")}`,
  );
}

function eventMessage(kind: EventKind, payload: unknown): Message {
  return { kind: "event", event: orUnreadable(kind, payload, () => decodePayload(kind, payload)) };
}

/** A configuration may be sent bare, without an object around it; then its reply cannot be addressed. */
function configurePayload(payload: unknown): unknown {
  return isFields(payload) ? payload : { config: payload };
}
