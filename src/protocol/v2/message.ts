/**
 * v2 messages: a type byte, then a payload that is JSON.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { isHeadPhase, type Phase } from "../../phase.ts";
import type { Event } from "../event.ts";
import { idAt, isFields, objectAt, parseJson } from "../fields.ts";
import { checkHeadBytes } from "../limits.ts";
import { decodePayload } from "../payload.ts";
import { phaseOfMessageType, WIRE_NAMES } from "../phase.ts";
import { RawHead } from "../raw_head.ts";
import { orUnreadable } from "../unreadable.ts";
import { decodeHandshake, type Handshake } from "./handshake.ts";

/** Type byte of a message. Source: zentinel-agent-protocol 0.6.45. */
export const MessageType = {
  handshakeRequest: 0x01,
  handshakeResponse: 0x02,
  requestHeaders: WIRE_NAMES.request_headers.messageType,
  requestBodyChunk: WIRE_NAMES.request_body.messageType,
  responseHeaders: WIRE_NAMES.response_headers.messageType,
  responseBodyChunk: WIRE_NAMES.response_body.messageType,
  requestComplete: WIRE_NAMES.request_complete.messageType,
  websocketFrame: WIRE_NAMES.websocket_frame.messageType,
  guardrailInspect: WIRE_NAMES.guardrail_inspect.messageType,
  configure: WIRE_NAMES.configure.messageType,
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
  const phase = phaseOfMessageType(type);
  if (phase !== undefined) {
    if (isHeadPhase(phase) && head.scanV2(body, PAYLOAD_START, phase)) return { kind: "event", event: head.toEvent() };
    checkHeadBytes(phase, body.length);
    return eventMessage(phase, parseJson(payload));
  }
  switch (type) {
    case MessageType.ping:
      return { kind: "ping", payload };
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

function eventMessage(phase: Phase, sent: unknown): Message {
  // A configuration may be sent bare, without an object around it; then its reply cannot be addressed.
  const payload = phase === "configure" && !isFields(sent) ? { config: sent } : sent;
  return { kind: "event", event: orUnreadable(phase, payload, () => decodePayload(phase, payload)) };
}
