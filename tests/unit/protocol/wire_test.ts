import { assert, assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import {
  ALLOW,
  ByteWriter,
  type Decision,
  encodeFrame,
  FrameBuffer,
  MAX_V1_FRAME_BYTES,
  MAX_V2_FRAME_BYTES,
  MAX_V2_REPLY_BYTES,
  MessageType,
  NEW_RELEASE,
  OLD_RELEASE,
  putReply,
  V1JsonWire,
  V2JsonWire,
  v2JsonWire,
  type Wire,
} from "../../../src/protocol/mod.ts";
import { ToyType, ToyWire } from "./toy_wire.ts";
import { headOf } from "./wires.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function payload(id: string): string {
  const metadata = { correlation_id: id, client_ip: "192.0.2.1" };
  return JSON.stringify({ metadata, method: "GET", uri: "/", headers: {} });
}

interface Row {
  readonly name: string;
  readonly wire: Wire;
  /** Body of a frame with a request's head. */
  readonly request: (id: string) => Uint8Array;
  /** What a proxy reads in a reply's body: whether it is allowed, whose it is where that is told, and the chunk given back. */
  readonly read: (body: Uint8Array) => { readonly allowed: boolean; readonly id?: string; readonly data: string };
}

function readJson(text: string): ReturnType<Row["read"]> {
  const reply = JSON.parse(text);
  return {
    allowed: reply.decision === "allow",
    id: reply.audit.custom.correlation_id,
    data: reply.response_body_mutation?.data ?? "",
  };
}

const v2 = {
  request: (id: string) => Uint8Array.of(MessageType.requestHeaders, ...encoder.encode(payload(id))),
  read: (body: Uint8Array) => {
    assertEquals(body[0], MessageType.agentResponse);
    return readJson(decoder.decode(body.subarray(1)));
  },
};

/** Each wire that there is, and one that is not JSON. */
const ROWS: readonly Row[] = [
  {
    name: "v1 in JSON",
    wire: new V1JsonWire(),
    request: (id) => encoder.encode(`{"version":1,"event_type":"request_headers","payload":${payload(id)}}`),
    read: (body) => readJson(decoder.decode(body)),
  },
  { name: "v2 in JSON, old releases", wire: new V2JsonWire(OLD_RELEASE), ...v2 },
  { name: "v2 in JSON, new releases", wire: new V2JsonWire(NEW_RELEASE), ...v2 },
  {
    name: "a wire that is not JSON",
    wire: new ToyWire(),
    request: (id) => Uint8Array.of(ToyType.request, ...encoder.encode(id)),
    read: (body) => ({
      allowed: body[1] === 0 && body[2] === 0,
      id: decoder.decode(body.subarray(4, 4 + body[3]!)),
      data: decoder.decode(body.subarray(4 + body[3]!)),
    }),
  },
];

/** The bodies of the frames in `bytes`, which must be whole. */
function bodiesIn(bytes: Uint8Array): readonly Uint8Array[] {
  const frames = new FrameBuffer();
  const bodies: Uint8Array[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const room = frames.writable();
    const count = Math.min(room.length, rest.length);
    room.set(rest.subarray(0, count));
    frames.advance(count);
    rest = rest.subarray(count);
    for (let body = frames.next(); body !== undefined; body = frames.next()) bodies.push(body.slice());
  }
  assert(!frames.partial, "a frame is cut short");
  return bodies;
}

function givingBack(length: number): Decision {
  return { ...ALLOW, responseBody: { data: "A".repeat(length), chunkIndex: 0 } };
}

for (const { name, wire, request, read } of ROWS) {
  Deno.test(`${name}: a request's head is read`, () => {
    const head = headOf(wire.decode(request("an-id")));
    assertEquals([head.kind, head.correlationId, head.method(), head.uri()], ["request_headers", "an-id", "GET", "/"]);
  });

  Deno.test(`${name}: bytes that no proxy sends are refused`, () => {
    assertThrows(() => wire.decode(Uint8Array.of(0xff, 0xff)), ProtocolError);
  });

  Deno.test(`${name}: a reply is a whole frame behind those that were put before`, () => {
    const out = new ByteWriter();
    out.put(encodeFrame(Uint8Array.of(0)));
    wire.putReply(out, ALLOW, "first");
    wire.putReply(out, { ...ALLOW, verdict: { kind: "block", status: 403 } }, "second");
    const [before, ...replies] = bodiesIn(out.written);
    assertEquals(before, Uint8Array.of(0));
    const ids = name.startsWith("v1") ? [undefined, undefined] : ["first", "second"];
    assertEquals(replies.map((reply) => read(reply)), [
      { allowed: true, id: ids[0], data: "" },
      { allowed: false, id: ids[1], data: "" },
    ]);
  });

  Deno.test(`${name}: a reply as long as a proxy takes leaves whole, one byte more becomes allow`, () => {
    const out = new ByteWriter();
    wire.putReply(out, givingBack(0), "id");
    const longest = wire.maxReplyBytes - bodiesIn(out.written)[0]!.length;
    for (const length of [longest, longest + 1]) {
      out.clear();
      // What was put before stays, whatever comes of the reply.
      wire.putReply(out, ALLOW, "id");
      putReply(wire, out, givingBack(length), "id");
      putReply(wire, out, ALLOW, "id");
      const [, reply, ...behind] = bodiesIn(out.written);
      assertEquals(reply!.length === wire.maxReplyBytes, length === longest);
      const { allowed, data } = read(reply!);
      assertEquals([allowed, data.length, behind.length], [true, length === longest ? length : 0, 1]);
    }
  });
}

Deno.test("wires take and give frames as long as the proxies' crates do", () => {
  const limits = ROWS.slice(0, 2).map(({ wire }) => [wire.maxFrameBytes, wire.maxReplyBytes]);
  assertEquals(limits, [
    [MAX_V1_FRAME_BYTES, MAX_V1_FRAME_BYTES],
    [MAX_V2_FRAME_BYTES, MAX_V2_REPLY_BYTES],
  ]);
  assertEquals([MAX_V1_FRAME_BYTES, MAX_V2_FRAME_BYTES, MAX_V2_REPLY_BYTES], [10 << 20, (16 << 20) + 1, 16 << 20]);
});

Deno.test("v2JsonWire() is one for all connections of a release", () => {
  assert(v2JsonWire(OLD_RELEASE) === v2JsonWire(OLD_RELEASE));
  assert(v2JsonWire(OLD_RELEASE) !== v2JsonWire(NEW_RELEASE));
});
