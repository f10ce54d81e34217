/**
 * One v1 request, to see whether an agent answers.
 *
 * @module
 */

import { encodeFrame } from "../../src/protocol/mod.ts";
import { sleep } from "../../src/sleep.ts";

/** How long to go on trying. */
export interface AskOptions {
  readonly untilMs: number;
  /** Ends the waiting when it resolves: the agent has ended. */
  readonly gaveUp: Promise<unknown>;
}

const RETRY_MS = 1;

/** A v1 frame with the head of a request. */
export const REQUEST_FRAME: Uint8Array<ArrayBuffer> = encodeFrame(new TextEncoder().encode(JSON.stringify({
  version: 1,
  event_type: "request_headers",
  payload: {
    metadata: {
      correlation_id: "bench",
      request_id: "bench",
      client_ip: "192.0.2.44",
      client_port: 40312,
      protocol: "HTTP/1.1",
      timestamp: "2026-01-01T12:00:00Z",
    },
    method: "GET",
    uri: "/",
    headers: { host: ["shop.example.com"] },
  },
})));

/** Resolves once the agent on `socket` has answered a request; tries to connect until then. */
export async function askOnce(socket: string, { untilMs, gaveUp }: AskOptions): Promise<void> {
  const until = performance.now() + untilMs;
  let ended = false;
  gaveUp.then(() => ended = true);
  while (!await answers(socket)) {
    if (ended) throw new Error("the agent ended");
    if (performance.now() > until) throw new Error(`no answer within ${untilMs} ms`);
    await sleep(RETRY_MS);
  }
}

/** False if nobody listens, or an agent that is still starting turns the connection away. */
async function answers(path: string): Promise<boolean> {
  try {
    using conn = await Deno.connect({ transport: "unix", path });
    await conn.write(REQUEST_FRAME);
    return await conn.read(new Uint8Array(4096)) !== null;
  } catch {
    return false;
  }
}
