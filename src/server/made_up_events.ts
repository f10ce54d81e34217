/**
 * Events that no proxy has sent, as proxies send them.
 *
 * @module
 */

import { encodeFrame, encodeV2Frame, MessageType, PREFIX_BYTES } from "../protocol/mod.ts";

/** What each peer of each protocol sends over its connection, piece by piece. */
export type MadeUpPeers = readonly (readonly (readonly Uint8Array[])[])[];

/** Peers of each protocol. */
const PEERS = 9;
/** Frames that each sends. */
const FRAMES = 10;

/** Makes peers, of whom no two send the same ids. Some proxies send a frame in two pieces, and so do these with every third. */
export function makeUpPeers(): MadeUpPeers {
  return [madeUpV1Frame, madeUpV2Frame].map((frame) =>
    Array.from({ length: PEERS }, (_, peer) =>
      Array.from({ length: FRAMES }, (_, number) => {
        const bytes = frame(number);
        const whole = (peer + number) % 3 > 0;
        return whole ? [bytes] : [bytes.subarray(0, PREFIX_BYTES), bytes.subarray(PREFIX_BYTES)];
      }).flat())
  );
}

let ids = 0;

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** A frame of v1, each second one that of a response. */
function madeUpV1Frame(number: number): Uint8Array {
  const isRequest = number % 2 === 0;
  const event_type = isRequest ? "request_headers" : "response_headers";
  const payload = isRequest ? request(newId(), { client_ip: "127.0.0.1:40000", client_port: 0 }) : response();
  return encodeFrame(encode({ version: 1, event_type, payload }));
}

/** A frame of v2: first the handshake, then events, each second one that of a response. */
export function madeUpV2Frame(number: number): Uint8Array {
  if (number === 0) return encodeV2Frame(MessageType.handshakeRequest, HANDSHAKE);
  if (number % 2 === 0) return encodeV2Frame(MessageType.responseHeaders, response());
  const correlation_id = newId();
  const payload = request(correlation_id, { client_ip: "127.0.0.1", client_port: 40_000 });
  return encodeV2Frame(MessageType.requestHeaders, { correlation_id, ...payload });
}

const HANDSHAKE = {
  supported_versions: [2],
  proxy_id: "warm-up",
  proxy_version: "0.6.51",
  supported_encodings: ["json"],
};

/** As long as those of the proxies. */
function newId(): string {
  return `warm-up-${(++ids % 1_000).toString().padStart(3, "0")}`;
}

/** What proxies send for a browser's request, their members in the order of the alphabet. */
function request(id: string, client: { readonly client_ip: string; readonly client_port: number }) {
  return {
    headers: {
      accept: ["*/*", "text/html"],
      "accept-language": ["en"],
      cookie: ["session=0123456789abcdef"],
      host: ["localhost"],
      "user-agent": ["Mozilla/5.0 (X11; Linux x86_64)"],
      "x-correlation-id": [id],
    },
    metadata: {
      ...client,
      correlation_id: id,
      protocol: "HTTP/1.1",
      request_id: "00000000-0000-4000-8000-000000000000",
      route_id: "default",
      server_name: null,
      timestamp: "2026-01-01T12:00:00.123456789+00:00",
      tls_cipher: null,
      tls_version: null,
      upstream_id: null,
    },
    method: "GET",
    uri: `/${ids % 16}?page=1`,
  };
}

function response() {
  const correlation_id = newId();
  return {
    correlation_id,
    headers: { "content-type": ["text/html"], "x-correlation-id": [correlation_id] },
    status: 200,
  };
}
