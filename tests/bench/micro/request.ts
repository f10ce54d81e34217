/**
 * The request that the steps are measured with: the one that the load generator sends.
 *
 * @module
 */

import { encodeFrame, MessageType } from "../../../src/protocol/mod.ts";

const encoder = new TextEncoder();
const ID = "000000000042";

const PAYLOAD = {
  metadata: {
    correlation_id: ID,
    request_id: ID,
    client_ip: "192.0.2.44",
    client_port: 40312,
    server_name: null,
    protocol: "HTTP/1.1",
    tls_version: null,
    tls_cipher: null,
    route_id: "all",
    upstream_id: "backend",
    timestamp: "2026-01-01T12:00:00Z",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  },
  method: "GET",
  uri: "/api/users?page=1",
  headers: {
    host: ["shop.example.com"],
    "user-agent": ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"],
    accept: ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
    "accept-encoding": ["gzip, deflate, br"],
    "accept-language": ["en-GB,en;q=0.5"],
    cookie: ["session=0123456789abcdef; theme=light"],
    "x-forwarded-for": ["203.0.113.7", "198.51.100.9"],
  },
};

function v1Body(payload: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify({ version: 1, event_type: "request_headers", payload }));
}

/** Body of a v1 frame. */
export const V1_BODY = v1Body(PAYLOAD);

/** The same with a header value beyond ASCII. */
export const V1_BODY_BEYOND_ASCII = v1Body({ ...PAYLOAD, headers: { ...PAYLOAD.headers, "x-city": ["Besançon"] } });

/** The same with a header of 64 KiB. */
export const V1_BODY_LARGE = v1Body({
  ...PAYLOAD,
  headers: { ...PAYLOAD.headers, "x-big": ["abcdefghijklmnopqrstuvwxyz".repeat(2521)] },
});

/** A v1 frame. */
export const V1_FRAME: Uint8Array<ArrayBuffer> = encodeFrame(V1_BODY);

/** Body of a v2 frame. */
export const V2_BODY: Uint8Array<ArrayBuffer> = Uint8Array.of(
  MessageType.requestHeaders,
  ...encoder.encode(JSON.stringify({ correlation_id: ID, ...PAYLOAD })),
);

/** A v2 frame. */
export const V2_FRAME: Uint8Array<ArrayBuffer> = encodeFrame(V2_BODY);

/** A v2 handshake frame. */
export const HANDSHAKE_FRAME: Uint8Array<ArrayBuffer> = encodeFrame(
  Uint8Array.of(MessageType.handshakeRequest),
  encoder.encode(JSON.stringify({
    supported_versions: [2],
    proxy_id: "bench",
    proxy_version: "0.6.45",
    config: null,
    supported_encodings: ["json"],
  })),
);
