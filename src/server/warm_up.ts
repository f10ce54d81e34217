/**
 * Has the engine compile the code on a request's way before the first request comes, which would otherwise take milliseconds longer.
 *
 * @module
 */

import { ALLOW, encodeFrame, encodeV2Frame, MessageType } from "../protocol/mod.ts";
import { Connection, type Socket } from "./connection.ts";
import { openSession } from "./open_session.ts";
import type { SessionOptions } from "./session.ts";

const ROUNDS = 200;

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const METADATA = { correlation_id: "warm-up", client_ip: "127.0.0.1", client_port: 0, server_name: null };
const REQUEST = {
  metadata: METADATA,
  method: "GET",
  uri: "/",
  headers: { host: ["localhost"], accept: ["*/*", "text/html"] },
};
const RESPONSE = { correlation_id: "warm-up", status: 200, headers: { "content-type": ["text/html"] } };
const HANDSHAKE = {
  supported_versions: [2],
  proxy_id: "warm-up",
  proxy_version: "0.6.51",
  supported_encodings: ["json"],
};

const V1 = [
  encodeFrame(encode({ version: 1, event_type: "request_headers", payload: REQUEST })),
  encodeFrame(encode({ version: 1, event_type: "response_headers", payload: RESPONSE })),
];
const V2 = [
  encodeV2Frame(MessageType.requestHeaders, REQUEST),
  encodeV2Frame(MessageType.responseHeaders, RESPONSE),
];
const V2_FIRST = encodeV2Frame(MessageType.handshakeRequest, HANDSHAKE);

/** Serves a few hundred events of its own making over connections in memory, and allows them all: no module is asked. */
export async function warmUp(options: SessionOptions): Promise<void> {
  const quiet: SessionOptions = { ...options, decide: () => ALLOW, observer: {} };
  await new Connection(memorySocket([], V1), openSession, quiet).run();
  await new Connection(memorySocket([V2_FIRST], V2), openSession, quiet).run();
}

/** Gives out `first`, then `frames` again and again; takes all that is written. */
function memorySocket(first: readonly Uint8Array[], frames: readonly Uint8Array[]): Socket {
  let reads = 0;
  return {
    read(target) {
      const index = reads++ - first.length;
      if (index >= ROUNDS) return Promise.resolve(null);
      const frame = (index < 0 ? first[index + first.length] : frames[index % frames.length]) ?? new Uint8Array(0);
      target.set(frame);
      return Promise.resolve(frame.length);
    },
    write: (bytes) => Promise.resolve(bytes.length),
    close: () => {},
  };
}
