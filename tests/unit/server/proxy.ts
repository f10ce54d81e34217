/**
 * The proxy's side of both protocols: frames as it sends them, and what it makes of an agent's bytes.
 *
 * @module
 */

import { MessageType, PREFIX_BYTES } from "../../../src/protocol/mod.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** A frame of `body`, its length in front. */
export function frameOf(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, PREFIX_BYTES);
  return frame;
}

/** A v1 event's frame. */
export function v1Frame(eventType: string, payload: unknown): Uint8Array {
  return frameOf(encoder.encode(JSON.stringify({ version: 1, event_type: eventType, payload })));
}

/** A v2 message's frame. */
export function v2Frame(type: number, payload: unknown): Uint8Array {
  const text = encoder.encode(JSON.stringify(payload));
  const body = new Uint8Array(1 + text.length);
  body[0] = type;
  body.set(text, 1);
  return frameOf(body);
}

/** A v2 handshake request's frame. */
export function handshakeFrame(changes: Readonly<Record<string, unknown>> = {}): Uint8Array {
  return v2Frame(MessageType.handshakeRequest, {
    supported_versions: [2],
    proxy_id: "proxy",
    proxy_version: "0.6.54",
    config: null,
    supported_encodings: ["json"],
    ...changes,
  });
}

/** Payload of a request's head. */
export function requestPayload(correlationId: string): Readonly<Record<string, unknown>> {
  return {
    correlation_id: correlationId,
    method: "GET",
    uri: "/",
    headers: { host: ["example.com"] },
    metadata: { correlation_id: correlationId, client_ip: "192.0.2.1" },
  };
}

/** A request's head on v1. */
export function v1Request(correlationId: string): Uint8Array {
  return v1Frame("request_headers", requestPayload(correlationId));
}

/** A request's head on v2. */
export function v2Request(correlationId: string): Uint8Array {
  return v2Frame(MessageType.requestHeaders, requestPayload(correlationId));
}

/** A cancellation. */
export function cancelFrame(correlationId: string): Uint8Array {
  return v2Frame(MessageType.cancel, { correlation_id: correlationId, reason: 0 });
}

/** Bodies of whole frames one after the other; throws on a rest. */
export function splitFrames(bytes: Uint8Array): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const length = view.getUint32(at);
    const end = at + PREFIX_BYTES + length;
    if (length === 0 || end > bytes.length) throw new RangeError(`no whole frame at ${at} of ${bytes.length}`);
    bodies.push(bytes.subarray(at + PREFIX_BYTES, end));
    at = end;
  }
  return bodies;
}

/** What a test wants to know of a reply. */
export interface SeenReply {
  /** Type byte; undefined on v1. */
  readonly type?: number;
  /** From `audit.custom`; undefined where it is missing. */
  readonly id?: string;
  /** `allow`, `block`, `redirect`; undefined for all that is no reply. */
  readonly decision?: string;
  readonly payload: unknown;
}

/** Everything an agent has written, as a proxy reads it. */
export function readReplies(version: 1 | 2, bytes: Uint8Array): SeenReply[] {
  return splitFrames(bytes).map((body) => {
    const payload: unknown = JSON.parse(decoder.decode(version === 1 ? body : body.subarray(1)));
    const reply = Object(payload);
    const { decision } = reply;
    return {
      type: version === 1 ? undefined : body[0],
      id: reply.audit?.custom?.correlation_id,
      decision: typeof decision === "object" && decision !== null ? Object.keys(decision)[0] : decision,
      payload,
    };
  });
}
