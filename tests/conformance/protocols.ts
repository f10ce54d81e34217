/**
 * The protocols that the suite runs over: what differs between them, and nothing else.
 *
 * @module
 */

import { type Golden, golden, type Protocol } from "./golden.ts";

/** One row of every conformance test. */
export interface Row {
  readonly protocol: Protocol;
  /** What a connection begins with before a proxy of that release sends events, and how many answers that gets. */
  readonly beginning: (proxyVersion: string) => readonly Uint8Array[];
  /** Releases of the proxy that answers depend on. */
  readonly releases: readonly string[];
  /** The correlation id in a reply's payload; undefined where the protocol has none. */
  readonly idOf: (payload: unknown) => unknown;
  /** Where the event's payload is in what a frame carries. */
  readonly payloadOf: (frame: Golden) => unknown;
  /** Bytes of an answer's payload, behind what says its kind. */
  readonly payloadBytes: (body: Uint8Array) => Uint8Array;
  /** A request's head as a proxy sends it, under that id. */
  readonly requestFrame: (correlationId: string) => Uint8Array;
}

const encoder = new TextEncoder();

/** `parts` as one frame, their length in front. */
export function frameOf(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = new Uint8Array(4 + length);
  new DataView(frame.buffer).setUint32(0, length);
  let at = 4;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

function request(correlationId: string): Readonly<Record<string, unknown>> {
  const metadata = { correlation_id: correlationId, request_id: "r", client_ip: "192.0.2.1", client_port: 0 };
  return { correlation_id: correlationId, method: "GET", uri: "/", headers: {}, metadata };
}

/** A v2 handshake request that offers JSON. */
function handshake(proxyVersion: string): Uint8Array {
  const offer = {
    supported_versions: [2],
    proxy_id: "zentinel-proxy",
    proxy_version: proxyVersion,
    config: null,
    supported_encodings: ["json"],
  };
  return frameOf(Uint8Array.of(0x01), encoder.encode(JSON.stringify(offer)));
}

/** MessagePack will be the third. */
export const ROWS: readonly Row[] = [
  {
    protocol: "v1",
    beginning: () => [],
    releases: ["0.4.14"],
    idOf: () => undefined,
    payloadOf: ({ decoded }) => Object(decoded).payload,
    payloadBytes: (body) => body,
    requestFrame: (correlationId) =>
      frameOf(
        encoder.encode(JSON.stringify({ version: 1, event_type: "request_headers", payload: request(correlationId) })),
      ),
  },
  {
    protocol: "v2-json",
    beginning: (proxyVersion) => [handshake(proxyVersion)],
    releases: ["0.6.45", "0.6.50", "0.6.51", "0.6.54"],
    idOf: (payload) => Object(payload).audit?.custom?.correlation_id,
    payloadOf: ({ decoded }) => decoded,
    payloadBytes: (body) => body.subarray(1),
    requestFrame: (correlationId) =>
      frameOf(Uint8Array.of(0x10), encoder.encode(JSON.stringify(request(correlationId)))),
  },
];

/** Whole frames of an agent's output, each with its length; throws on a rest. */
export function framesOf(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) throw new RangeError(`no whole frame at ${at} of ${bytes.length}`);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** Every frame that a proxy was seen to send, alone and in whole conversations. */
export function proxyFrames(protocol: Protocol): readonly Golden[] {
  return [...golden(protocol, "events"), ...golden(protocol, "session").filter(({ fromProxy }) => fromProxy)];
}
