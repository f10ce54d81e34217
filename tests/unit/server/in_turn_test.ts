import { assert, assertEquals } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import { ALLOW } from "../../../src/protocol/mod.ts";
import { Connection } from "../../../src/server/connection.ts";
import type { Decide, SessionOptions } from "../../../src/server/session.ts";
import { blockWith, HeldDecider, sessionOptions } from "./deciders.ts";
import { FakeSocket, settle } from "./fake_socket.ts";
import { readReplies, v1Frame, v1Request } from "./proxy.ts";
import { openSession } from "../../../src/server/open_session.ts";

function connect(decide: Decide, changes: Partial<SessionOptions> = {}) {
  const socket = new FakeSocket();
  const { options, notes } = sessionOptions(decide, changes);
  const ended = new Connection(socket, openSession, options).run().then(() => undefined, (error: unknown) => error);
  return { socket, ended, notes };
}

Deno.test("InTurnSession answers one event after the other, strictly in turn", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect(decider.decide);
  socket.push(...["a", "b", "c"].map(v1Request));
  for (const [index, id] of ["a", "b", "c"].entries()) {
    await settle();
    assertEquals(decider.ids.length, index + 1);
    assertEquals(readReplies(1, socket.written).length, index);
    decider.answer(id, blockWith(id));
  }
  await socket.hangUp();
  assertEquals(await ended, undefined);
  const bodies = readReplies(1, socket.written).map(({ payload }) => Object(payload).decision.block.body);
  assertEquals(bodies, ["a", "b", "c"]);
});

Deno.test("InTurnSession answers events decided at once and later ones in the order they came", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect((event, arrival) =>
    event.correlationId === "later" ? decider.decide(event, arrival) : blockWith(event.correlationId)
  );
  socket.push(v1Request("a"), v1Request("later"), v1Request("b"));
  await settle();
  assertEquals(readReplies(1, socket.written).length, 1);
  decider.answer("later", blockWith("later"));
  await socket.hangUp();
  await ended;
  const bodies = readReplies(1, socket.written).map(({ payload }) => Object(payload).decision.block.body);
  assertEquals(bodies, ["a", "later", "b"]);
});

Deno.test("InTurnSession gives a redirect as a block with Location", async () => {
  const { socket, ended } = connect(() => ({ ...ALLOW, verdict: { kind: "redirect", status: 302, url: "/x" } }));
  socket.push(v1Request("a"));
  await socket.hangUp();
  await ended;
  assertEquals(readReplies(1, socket.written)[0]?.decision, "block");
});

for (const how of ["at once", "later"] as const) {
  Deno.test(`InTurnSession closes instead of replying late to an event decided ${how}`, async () => {
    const decide: Decide = how === "at once" ? () => ALLOW : () => Promise.resolve(ALLOW);
    const { socket, ended, notes } = connect(decide, { lateAfterMs: -1 });
    socket.push(v1Request("a"), v1Request("b"));
    const error = await ended;
    assert(error instanceof ProtocolError);
    assertEquals(error.code, "REPLY_LATE");
    assertEquals([socket.written.length, socket.closed], [0, true]);
    assertEquals(notes.map(({ kind }) => kind), ["late"]);
  });
}

Deno.test("InTurnSession closes for a late reply after the replies that were in time", async () => {
  const decider = new HeldDecider();
  const at = { late: false };
  const { options } = sessionOptions(decider.decide);
  const socket = new FakeSocket();
  const changing = Object.defineProperty({ ...options }, "lateAfterMs", { get: () => at.late ? -1 : 3_600_000 });
  const ended = new Connection(socket, openSession, changing).run().then(() => undefined, (error: unknown) => error);
  socket.push(v1Request("a"), v1Request("b"));
  await settle();
  decider.answer("a", blockWith("a"));
  await settle();
  at.late = true;
  decider.answer("b", blockWith("b"));
  assert((await ended) instanceof ProtocolError);
  assertEquals(readReplies(1, socket.written).map(({ payload }) => Object(payload).decision.block.body), ["a"]);
});

Deno.test("InTurnSession notes a configure with the agent's name, and asks for a decision on it", async () => {
  const decider = new HeldDecider();
  const { socket, ended, notes } = connect(decider.decide);
  socket.push(v1Frame("configure", { agent_id: "wasm", config: { a: 1 } }));
  await settle();
  assertEquals(notes, [{ kind: "configure", agentId: "wasm" }]);
  assertEquals(decider.asked[0]?.event.kind, "configure");
  decider.answer("");
  await socket.hangUp();
  await ended;
  assertEquals(readReplies(1, socket.written).map(({ decision, id }) => [decision, id]), [["allow", undefined]]);
});

Deno.test("InTurnSession has more time for a configure than for requests", async () => {
  const { socket, ended } = connect(() => ALLOW, { lateAfterMs: -1 });
  socket.push(v1Frame("configure", { agent_id: "wasm", config: {} }), v1Request("r"));
  assert((await ended) instanceof ProtocolError);
  assertEquals(readReplies(1, socket.written).map(({ decision }) => decision), ["allow"]);
});

Deno.test("InTurnSession tells of each decision with its event", async () => {
  const told: unknown[] = [];
  const { socket, ended } = connect((event) => blockWith(event.correlationId), {
    observer: { decided: (event, decision) => told.push([event.correlationId, decision]) },
  });
  socket.push(v1Request("a"), v1Request("b"));
  await socket.hangUp();
  await ended;
  assertEquals(told, [["a", blockWith("a")], ["b", blockWith("b")]]);
});

const BAD = [
  { name: "an unknown event type", frame: v1Frame("reload", {}), code: "MESSAGE_UNKNOWN_KIND" },
  { name: "an event without its fields", frame: v1Frame("request_headers", {}), code: "MESSAGE_BAD_FIELD" },
];

for (const { name, frame, code } of BAD) {
  Deno.test(`InTurnSession closes for ${name}, without an answer of its own making`, async () => {
    const decider = new HeldDecider();
    const { socket, ended } = connect(decider.decide);
    socket.push(frame, v1Request("a"));
    const error = await ended;
    assert(error instanceof ProtocolError);
    assertEquals([error.code, decider.ids.length, socket.written.length], [code, 0, 0]);
  });
}

Deno.test("InTurnSession takes requests of one id for different events", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect(decider.decide);
  socket.push(v1Request("a"), v1Frame("response_headers", { correlation_id: "a", status: 200, headers: {} }));
  await settle();
  decider.answer("a", blockWith("request"));
  await settle();
  decider.answer("a", blockWith("response"));
  await socket.hangUp();
  await ended;
  const bodies = readReplies(1, socket.written).map(({ payload }) => Object(payload).decision.block.body);
  assertEquals(bodies, ["request", "response"]);
});

Deno.test("InTurnSession has an event decided that cannot be understood, in its turn", async () => {
  const { socket, ended } = connect((event) => blockWith(`${event.kind} ${event.correlationId}`));
  const bad = v1Frame("request_complete", { correlation_id: "bad", status: "200" });
  socket.push(v1Request("a"), bad, v1Frame("reload", { correlation_id: "odd" }), v1Request("b"));
  await socket.hangUp();
  assertEquals(await ended, undefined);
  const bodies = readReplies(1, socket.written).map(({ payload }) => Object(payload).decision.block.body);
  assertEquals(bodies, ["request_headers a", "unreadable bad", "unreadable odd", "request_headers b"]);
});
