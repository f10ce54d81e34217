/**
 * The least that a server on Deno can do behind a real proxy, which writes a frame in several pieces and wants one answer to it: splits
 * frames and answers each with the same reply, on v2 with the id that it came with. `floor.ts --socket PATH`.
 *
 * @module
 */

import {
  encodeFrame,
  encodeHandshakeResponse,
  encodeV2Frame,
  FrameBuffer,
  MessageType,
} from "../../src/protocol/mod.ts";

const path = Deno.args[Deno.args.indexOf("--socket") + 1] ?? "";
/** `{`, with which a v1 body begins. */
const OBJECT = 0x7b;
const KEY = '"correlation_id":';
/** Longest id with its quotes. A shorter one has spaces behind it, which JSON allows there. */
const ID_BYTES = 64;
/** Replies of one write, in bytes. */
const OUTPUT_BYTES = 4 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const handshake = encodeFrame(
  Uint8Array.of(MessageType.handshakeResponse),
  encodeHandshakeResponse({
    agentId: "floor",
    name: "floor",
    version: "0",
    events: ["request_headers", "response_headers"],
    maxConcurrency: 100,
  }, undefined),
);
/** As long as the agent's own: JSON may end in spaces. */
const replyV1 = encodeFrame(encoder.encode('{"version":1,"decision":"allow"}'.padEnd(379)));
const reply = encodeV2Frame(MessageType.agentResponse, {
  version: 2,
  decision: "allow",
  audit: { custom: { correlation_id: "".padEnd(ID_BYTES - 2) } },
});
const LONGEST_BYTES = Math.max(handshake.length, reply.length, replyV1.length);
const idAt = decoder.decode(reply).indexOf(KEY) + KEY.length;

async function serve(conn: Deno.UnixConn): Promise<void> {
  using open = conn;
  const input = new FrameBuffer();
  const output = new Uint8Array(OUTPUT_BYTES);
  for (;;) {
    const count = await open.read(input.writable());
    if (count === null) return;
    input.advance(count);
    let length = 0;
    for (let body = input.next(); body !== undefined; body = input.next()) {
      length += answer(body, output.subarray(length));
      if (length > output.length - LONGEST_BYTES) {
        await open.write(output.subarray(0, length));
        length = 0;
      }
    }
    if (length > 0) await open.write(output.subarray(0, length));
  }
}

/** Puts the answer to a message into `target`; its length. */
function answer(body: Uint8Array, target: Uint8Array): number {
  if (body[0] === OBJECT) return put(replyV1, target);
  if (body[0] === MessageType.handshakeRequest) return put(handshake, target);
  const text = decoder.decode(body);
  const start = text.indexOf(KEY) + KEY.length;
  const id = text.slice(start, text.indexOf('"', start + 1) + 1);
  put(reply, target);
  encoder.encodeInto(id.padEnd(ID_BYTES), target.subarray(idAt, idAt + ID_BYTES));
  return reply.length;
}

function put(frame: Uint8Array, target: Uint8Array): number {
  target.set(frame);
  return frame.length;
}

for await (const conn of Deno.listen({ transport: "unix", path })) serve(conn).catch(() => {});
