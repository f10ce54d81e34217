/**
 * Events that no proxy has sent, as proxies send them.
 *
 * @module
 */

import { encodeFrame, encodeV2Frame, MessageType } from "../protocol/mod.ts";

let ids = 0;

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** A frame of v1, each second one that of a response. */
export function madeUpV1Frame(number: number): Uint8Array {
  const isRequest = number % 2 === 0;
  const event_type = isRequest ? "request_headers" : "response_headers";
  return encodeFrame(encode({ version: 1, event_type, payload: isRequest ? request() : response() }));
}

/** A frame of v2: first the handshake, then events, each second one that of a response. */
export function madeUpV2Frame(number: number): Uint8Array {
  if (number === 0) return encodeV2Frame(MessageType.handshakeRequest, HANDSHAKE);
  return number % 2 === 1
    ? encodeV2Frame(MessageType.requestHeaders, request())
    : encodeV2Frame(MessageType.responseHeaders, response());
}

const HANDSHAKE = {
  supported_versions: [2],
  proxy_id: "warm-up",
  proxy_version: "0.6.51",
  supported_encodings: ["json"],
};

/** What proxies send for a browser's request; each has an id of its own. */
function request() {
  const id = `warm-up-${++ids}`;
  return {
    metadata: {
      correlation_id: id,
      request_id: id,
      client_ip: "127.0.0.1",
      client_port: 40_000,
      server_name: null,
      protocol: "HTTP/1.1",
      tls_version: null,
      tls_cipher: null,
      route_id: "default",
      upstream_id: "default",
      timestamp: "2026-01-01T12:00:00Z",
    },
    method: "GET",
    uri: `/${ids % 16}?page=1`,
    headers: {
      host: ["localhost"],
      accept: ["*/*", "text/html"],
      "accept-language": ["en"],
      "user-agent": ["Mozilla/5.0 (X11; Linux x86_64)"],
      cookie: ["session=0123456789abcdef"],
    },
  };
}

function response() {
  return { correlation_id: `warm-up-${++ids}`, status: 200, headers: { "content-type": ["text/html"] } };
}
