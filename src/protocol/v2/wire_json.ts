/**
 * v2 in JSON: a type byte, then a payload.
 *
 * | bytes | field | note |
 * |---|---|---|
 * | 0 | type | see {@linkcode MessageType} |
 * | 1- | payload | JSON in UTF-8 |
 *
 * `41 7b 7d` is a ping with payload `{}`.
 *
 * @see https://crates.io/crates/zentinel-agent-protocol/0.6.45 which the layout was read from.
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { isHeadPhase, type Phase } from "../../phase.ts";
import type { Decision } from "../decision.ts";
import type { Event } from "../event.ts";
import { idAt, isFields, objectAt, parseJson } from "../fields.ts";
import { beginFrame, encodeFrame, endFrame, MAX_V2_FRAME_BYTES, MAX_V2_REPLY_BYTES } from "../frame.ts";
import { checkHeadBytes } from "../limits.ts";
import { decodePayload } from "../payload.ts";
import { phaseOfMessageType, WIRE_NAMES } from "../phase.ts";
import { type Release, releaseOf } from "../release.ts";
import { ReplyEncoder } from "../reply.ts";
import { RawHead } from "../scan/raw_head.ts";
import { orUnreadable } from "../unreadable.ts";
import type { Agreement, ConcurrentWire, Message } from "../wire.ts";
import type { ByteWriter } from "../writer.ts";
import {
  type AgentIdentity,
  decodeHandshake,
  encodeHandshakeResponse,
  type Handshake,
  handshakeRefusal,
} from "./handshake.ts";

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

const PAYLOAD_START = 1;

/** The wire of v2 in JSON: behind a handshake, events in any number at once, each answered by its correlation id. */
export class V2JsonWire implements ConcurrentWire {
  readonly protocol = "v2";
  readonly maxFrameBytes: number = MAX_V2_FRAME_BYTES;
  readonly maxReplyBytes: number = MAX_V2_REPLY_BYTES;
  readonly #scan = new RawHead();
  readonly #replies: ReplyEncoder;

  /** Writes replies as proxies of `release` understand them. */
  constructor(release: Release) {
    this.#replies = new ReplyEncoder(2, release);
  }

  /**
   * The message in a frame's body.
   *
   * @throws {ProtocolError} `MESSAGE_UNKNOWN_KIND` for a type byte that no proxy may send, `MESSAGE_NOT_JSON`, `MESSAGE_OVER_LIMIT`;
   * `MESSAGE_BAD_FIELD` for what is no event, or has no id that can be read.
   */
  decode(body: Uint8Array): Message {
    const type = body[0]!;
    const phase = phaseOfMessageType(type);
    if (phase === undefined) return decodeControl(type, body.subarray(PAYLOAD_START));
    if (isHeadPhase(phase) && this.#scan.scanV2(body, PAYLOAD_START, phase)) return this.#scan.toHead();
    checkHeadBytes(phase, body.length);
    return decodeEvent(phase, parseJson(body.subarray(PAYLOAD_START)));
  }

  putReply(out: ByteWriter, decision: Decision, correlationId: string): void {
    const start = beginFrame(out);
    out.putByte(MessageType.agentResponse);
    this.#replies.put(out, decision, correlationId);
    endFrame(out, start);
  }

  shakeHands(out: ByteWriter, handshake: Handshake, identity: AgentIdentity): Agreement {
    const refusal = handshakeRefusal(handshake);
    putMessage(out, MessageType.handshakeResponse, encodeHandshakeResponse(identity, refusal));
    return refusal === undefined ? { wire: v2JsonWire(releaseOf(handshake.proxyVersion)) } : { refusal };
  }

  putPong(out: ByteWriter, payload: Uint8Array): void {
    putMessage(out, MessageType.pong, payload);
  }
}

const WIRES = new Map<Release, V2JsonWire>();

/** The one wire for a release, so that every connection profits from the decisions whose bytes it remembers. */
export function v2JsonWire(release: Release): V2JsonWire {
  let wire = WIRES.get(release);
  if (wire === undefined) WIRES.set(release, wire = new V2JsonWire(release));
  return wire;
}

/** A whole v2 frame as bytes of its own, for code that speaks as a proxy. */
export function encodeV2Frame(type: number, payload: unknown): Uint8Array<ArrayBuffer> {
  return encodeFrame(Uint8Array.of(type), new TextEncoder().encode(JSON.stringify(payload)));
}

function putMessage(out: ByteWriter, type: number, payload: Uint8Array): void {
  const start = beginFrame(out);
  out.putByte(type);
  out.put(payload);
  endFrame(out, start);
}

function decodeControl(type: number, payload: Uint8Array): Message {
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

function decodeEvent(phase: Phase, sent: unknown): Event {
  // A configuration may be sent bare, without an object around it; then its reply cannot be addressed.
  const payload = phase === "configure" && !isFields(sent) ? { config: sent } : sent;
  return orUnreadable(phase, payload, () => decodePayload(phase, payload));
}
