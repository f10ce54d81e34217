import { assert, assertEquals } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import { ALLOW, encodeFrame } from "../../../src/protocol/mod.ts";
import { ConcurrentSession } from "../../../src/server/concurrent.ts";
import { Connection } from "../../../src/server/connection.ts";
import { InTurnSession } from "../../../src/server/in_turn.ts";
import type { OpenSession } from "../../../src/server/session.ts";
import { ToyEventWire, ToyType, ToyWire } from "../protocol/toy_wire.ts";
import { blockWith, HeldDecider, sessionOptions } from "./deciders.ts";
import { FakeSocket, settle } from "./fake_socket.ts";
import { splitFrames } from "./proxy.ts";

const inTurn: OpenSession = (_, options, outbox) => new InTurnSession(new ToyEventWire(), options, outbox);
const concurrent: OpenSession = (_, options, outbox) => new ConcurrentSession(new ToyWire(), options, outbox);

function frame(type: number, text: string): Uint8Array {
  return encodeFrame(Uint8Array.of(type), new TextEncoder().encode(text));
}

function connect(open: OpenSession) {
  const socket = new FakeSocket();
  const decider = new HeldDecider();
  const { options } = sessionOptions(decider.decide);
  const ended = new Connection(socket, open, options).run().then(() => undefined, (error: unknown) => error);
  return { socket, decider, ended };
}

/** What has been answered: `type id status`. */
function answers(socket: FakeSocket): string[] {
  return splitFrames(socket.written).map((body) => {
    if (body[0] !== ToyType.reply) return `${body[0]} ${new TextDecoder().decode(body.subarray(1))}`;
    return `${body[0]} ${new TextDecoder().decode(body.subarray(4, 4 + body[3]!))} ${(body[1]! << 8) + body[2]!}`;
  });
}

Deno.test("a conversation in turn speaks a wire that is not JSON", async () => {
  const { socket, decider, ended } = connect(inTurn);
  socket.push(frame(ToyType.request, "a"), frame(ToyType.request, "b"));
  await settle();
  assertEquals(decider.ids, ["a"]);
  decider.answer("a", blockWith("no"));
  await settle();
  decider.answer("b", ALLOW);
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(answers(socket), [`${ToyType.reply} a 403`, `${ToyType.reply} b 0`]);
});

Deno.test("a concurrent conversation speaks a wire that is not JSON, pings and cancels included", async () => {
  const { socket, decider, ended } = connect(concurrent);
  socket.push(frame(ToyType.hello, "7"), ...["a", "b", "c"].map((id) => frame(ToyType.request, id)));
  await settle();
  assertEquals(decider.ids, ["a", "b", "c"]);
  socket.push(frame(ToyType.cancel, "b"), frame(ToyType.ping, "hi"));
  await settle();
  for (const id of ["c", "b", "a"]) decider.answer(id);
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(answers(socket), [
    `${ToyType.welcome} `,
    `${ToyType.pong} hi`,
    `${ToyType.reply} c 0`,
    `${ToyType.reply} a 0`,
  ]);
});

Deno.test("a concurrent conversation ends with the refusal of its wire", async () => {
  const { socket, decider, ended } = connect(concurrent);
  socket.push(frame(ToyType.hello, "6"), frame(ToyType.request, "a"));
  const error = await ended;
  assert(error instanceof ProtocolError);
  assertEquals([error.code, error.message, decider.ids.length], ["HANDSHAKE_REFUSED", "no toy", 0]);
  assertEquals(answers(socket), [`${ToyType.refused} `]);
});

for (
  const { name, open, hello } of [
    { name: "in turn", open: inTurn, hello: [] },
    { name: "concurrent", open: concurrent, hello: [frame(ToyType.hello, "7")] },
  ]
) {
  Deno.test(`a conversation ${name} takes frames as long as its wire does, and not one byte longer`, async () => {
    const { maxFrameBytes } = new ToyWire();
    const { socket, decider, ended } = connect(open);
    socket.push(...hello, frame(ToyType.request, "x".repeat(maxFrameBytes - 1)));
    await settle();
    assertEquals(decider.ids.length, 1);
    decider.answer("x".repeat(maxFrameBytes - 1));
    await settle();
    socket.push(frame(ToyType.request, "x".repeat(maxFrameBytes)));
    const error = await ended;
    assertEquals([Reflect.get(Object(error), "code"), decider.ids.length], ["FRAME_TOO_LARGE", 1]);
  });
}
