import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import { ALLOW, type Decision, MessageType } from "../../../src/protocol/mod.ts";
import { Connection } from "../../../src/server/connection.ts";
import type { Decide, SessionOptions } from "../../../src/server/session.ts";
import { blockWith, HeldDecider, sessionOptions } from "./deciders.ts";
import { FakeSocket, settle } from "./fake_socket.ts";
import { cancelFrame, frameOf, handshakeFrame, readReplies, splitFrames, v2Frame, v2Request } from "./proxy.ts";
import { openSession } from "../../../src/server/open_session.ts";
import { V2 } from "../protocol/wires.ts";

function connect(decide: Decide, changes: Partial<SessionOptions> = {}) {
  const socket = new FakeSocket();
  const { options, notes } = sessionOptions(decide, changes);
  const connection = new Connection(socket, openSession, options);
  const ended = connection.run().then(() => undefined, (error: unknown) => error);
  return { socket, connection, ended, notes };
}

function responseHeaders(correlationId: string): Uint8Array {
  return v2Frame(MessageType.responseHeaders, { correlation_id: correlationId, status: 200, headers: {} });
}

/** Id and block body of each reply, the handshake left out. */
function bodies(socket: FakeSocket): unknown[] {
  return readReplies(2, socket.written)
    .filter(({ type }) => type === MessageType.agentResponse)
    .map(({ id, payload }) => [id, Object(payload).decision.block?.body ?? "allow"]);
}

Deno.test("ConcurrentSession answers the handshake at once, in JSON with type 02", async () => {
  const { socket, ended, notes } = connect(() => ALLOW);
  socket.push(handshakeFrame({ proxy_id: "p", proxy_version: "0.6.45" }));
  await settle();
  const [reply] = readReplies(2, socket.written);
  assertEquals([reply?.type, Object(reply?.payload).success], [MessageType.handshakeResponse, true]);
  assertEquals(notes, [{ kind: "handshake", proxyId: "p", proxyVersion: "0.6.45", refusal: undefined }]);
  await socket.hangUp();
  await ended;
});

const REFUSED = [
  { name: "version 1 alone", changes: { supported_versions: [1] }, reason: "protocol version 2" },
  { name: "MessagePack alone", changes: { supported_encodings: ["msgpack"] }, reason: 'encoding "json"' },
];

for (const { name, changes, reason } of REFUSED) {
  Deno.test(`ConcurrentSession refuses ${name}: says so, then closes`, async () => {
    const decider = new HeldDecider();
    const { socket, ended, notes } = connect(decider.decide);
    socket.push(handshakeFrame(changes), v2Request("a"));
    const error = await ended;
    assert(error instanceof ProtocolError);
    assertEquals([error.code, socket.closed, decider.ids.length], ["HANDSHAKE_REFUSED", true, 0]);
    const replies = readReplies(2, socket.written);
    assertEquals(replies.length, 1);
    const payload = Object(replies[0]?.payload);
    assertEquals(payload.success, false);
    assertStringIncludes(payload.error, reason);
    assertEquals(notes.map((note) => note.kind === "handshake" && note.refusal), [payload.error]);
  });
}

const EARLY = [
  { name: "an event", frame: v2Request("a") },
  { name: "a configure", frame: v2Frame(MessageType.configure, { correlation_id: "c", config: {} }) },
  { name: "a ping", frame: v2Frame(MessageType.ping, {}) },
  { name: "a cancel", frame: cancelFrame("a") },
  { name: "a pong", frame: v2Frame(MessageType.pong, {}) },
];

for (const { name, frame } of EARLY) {
  Deno.test(`ConcurrentSession closes for ${name} before the handshake`, async () => {
    // The connection itself tells v2 by a handshake: the session is asked directly.
    const { ConcurrentSession } = await import("../../../src/server/concurrent.ts");
    const { ByteWriter } = await import("../../../src/protocol/mod.ts");
    const decider = new HeldDecider();
    const { options } = sessionOptions(decider.decide);
    const out = new ByteWriter();
    const session = new ConcurrentSession(V2, options, { out, framed() {}, flush() {} });
    let code = "";
    try {
      session.handle(splitFrames(frame)[0]!, 0);
    } catch (error) {
      if (error instanceof ProtocolError) code = error.code;
    }
    assertEquals([code, out.length, decider.ids.length], ["HANDSHAKE_MISSING", 0, 0]);
  });
}

Deno.test("ConcurrentSession answers a second handshake as it did the first", async () => {
  const { socket, ended } = connect((event) => blockWith(event.correlationId));
  socket.push(handshakeFrame(), v2Request("a"), handshakeFrame(), v2Request("b"));
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(bodies(socket), [["a", "a"], ["b", "b"]]);
});

Deno.test("ConcurrentSession answers events as their decisions come, each with its own id", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect(decider.decide);
  socket.push(handshakeFrame(), ...["a", "b", "c", "d"].map(v2Request));
  await settle();
  assertEquals(decider.ids, ["a", "b", "c", "d"]);
  for (const id of ["c", "a", "d", "b"]) {
    decider.answer(id, blockWith(id));
    await settle();
  }
  await socket.hangUp();
  await ended;
  assertEquals(bodies(socket), ["c", "a", "d", "b"].map((id) => [id, id]));
});

Deno.test("ConcurrentSession answers an event decided at once while an earlier one is in flight", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect((event, arrival) =>
    event.correlationId === "slow" ? decider.decide(event, arrival) : blockWith("quick")
  );
  socket.push(handshakeFrame(), v2Request("slow"), v2Request("a"));
  await settle();
  assertEquals(bodies(socket), [["a", "quick"]]);
  decider.answer("slow");
  await settle();
  assertEquals(bodies(socket), [["a", "quick"], ["slow", "allow"]]);
  await socket.hangUp();
  await ended;
});

Deno.test("ConcurrentSession drops the reply to a cancelled event, and says so to whoever decides", async () => {
  const decider = new HeldDecider();
  const { socket, ended, notes } = connect(decider.decide);
  socket.push(handshakeFrame(), v2Request("a"), v2Request("b"), cancelFrame("a"));
  await settle();
  assertEquals(decider.asked.map(({ arrival }) => arrival.signal.aborted), [true, false]);
  decider.answer("a");
  decider.answer("b");
  await settle();
  await socket.hangUp();
  await ended;
  assertEquals(bodies(socket), [["b", "allow"]]);
  assertEquals(notes.map(({ kind }) => kind), ["handshake"]);
});

Deno.test("ConcurrentSession ignores a cancel of what is not in flight: unknown, or answered already", async () => {
  const { socket, ended } = connect((event) => blockWith(event.correlationId));
  socket.push(handshakeFrame(), cancelFrame("a"), v2Request("a"), cancelFrame("a"), cancelFrame("zzz"), v2Request("a"));
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(bodies(socket), [["a", "a"], ["a", "a"]]);
});

Deno.test("ConcurrentSession cancels every phase in flight under one id, and none that comes after", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect(decider.decide);
  socket.push(handshakeFrame(), v2Request("a"), responseHeaders("a"), cancelFrame("a"), responseHeaders("a"));
  await settle();
  assertEquals(decider.asked.map(({ arrival }) => arrival.signal.aborted), [true, true, false]);
  decider.asked.forEach(({ answer }, index) => answer(blockWith(String(index))));
  await settle();
  await socket.hangUp();
  await ended;
  assertEquals(bodies(socket), [["a", "2"]]);
});

for (const how of ["at once", "later"] as const) {
  Deno.test(`ConcurrentSession answers only the last of two events under one id, where that is decided ${how}`, async () => {
    const decider = new HeldDecider();
    const { socket, ended } = connect((event, arrival) => {
      const decision = decider.decide(event, arrival);
      return how === "at once" && event.kind === "response_headers" ? blockWith("new") : decision;
    });
    socket.push(handshakeFrame(), v2Request("a"), v2Request("b"), responseHeaders("a"));
    await settle();
    assertEquals(decider.asked.map(({ arrival }) => arrival.signal.aborted), [true, false, false]);
    const [old, other, last] = decider.asked;
    for (const [asked, body] of [[old, "old"], [other, "other"], [last, "new"]] as const) {
      asked?.answer(blockWith(body));
    }
    await settle();
    await socket.hangUp();
    await ended;
    assertEquals(bodies(socket).toSorted(), [["a", "new"], ["b", "other"]]);
  });
}

for (const how of ["at once", "later"] as const) {
  Deno.test(`ConcurrentSession drops a late reply to an event decided ${how}, and goes on`, async () => {
    const decide: Decide = how === "at once" ? () => ALLOW : () => Promise.resolve(ALLOW);
    const { socket, ended, notes } = connect(decide, { lateAfterMs: -1 });
    socket.push(handshakeFrame(), v2Request("a"), v2Frame(MessageType.ping, { n: 1 }));
    await settle();
    await socket.hangUp();
    assertEquals(await ended, undefined);
    assertEquals(readReplies(2, socket.written).map(({ type }) => type), [
      MessageType.handshakeResponse,
      MessageType.pong,
    ]);
    assertEquals(notes.map(({ kind }) => kind), ["handshake", "late"]);
  });
}

const PINGS = ["{}", '{"sequence":0,"timestamp_ms":1768472430123}', "", "not json", "\u0000\u0001"];

for (const payload of PINGS) {
  Deno.test(`ConcurrentSession echoes a ping's payload in a pong, byte for byte: ${JSON.stringify(payload)}`, async () => {
    const bytes = new TextEncoder().encode(payload);
    const { socket, ended } = connect(() => ALLOW);
    socket.push(handshakeFrame(), frameOf(Uint8Array.of(MessageType.ping, ...bytes)));
    await socket.hangUp();
    await ended;
    assertEquals(splitFrames(socket.written)[1], Uint8Array.of(MessageType.pong, ...bytes));
  });
}

Deno.test("ConcurrentSession answers a ping while events are in flight", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect(decider.decide);
  socket.push(handshakeFrame(), v2Request("a"), v2Frame(MessageType.ping, {}));
  await settle();
  assertEquals(readReplies(2, socket.written).at(-1)?.type, MessageType.pong);
  decider.answer("a");
  await socket.hangUp();
  await ended;
});

Deno.test("ConcurrentSession says nothing to a pong and to flow control", async () => {
  const { socket, ended } = connect(() => ALLOW);
  socket.push(handshakeFrame(), v2Frame(MessageType.pong, {}), v2Frame(MessageType.flowControl, { action: 1 }));
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(splitFrames(socket.written).length, 1);
});

Deno.test("ConcurrentSession notes a configure, and answers it under its id", async () => {
  const { socket, ended, notes } = connect(() => ALLOW);
  const frame = v2Frame(MessageType.configure, {
    config: { a: 1 },
    config_version: null,
    correlation_id: "zentinel-configure-wasm-0",
  });
  socket.push(handshakeFrame(), frame, frame);
  await socket.hangUp();
  await ended;
  assertEquals(bodies(socket), Array(2).fill(["zentinel-configure-wasm-0", "allow"]));
  assertEquals(notes.filter(({ kind }) => kind === "configure").length, 2);
});

Deno.test("ConcurrentSession has more time for a configure than for requests", async () => {
  const { socket, ended, notes } = connect(() => ALLOW, { lateAfterMs: -1 });
  const configure = v2Frame(MessageType.configure, { config: {}, correlation_id: "c" });
  socket.push(handshakeFrame(), configure, v2Request("r"));
  await socket.hangUp();
  await ended;
  assertEquals(bodies(socket), [["c", "allow"]]);
  assertEquals(notes.filter(({ kind }) => kind === "late").length, 1);
});

const REDIRECT: Decision = { ...ALLOW, verdict: { kind: "redirect", status: 302, url: "/x" } };
const RELEASES = [
  { version: "0.6.45", decision: "block" },
  { version: "0.6.50", decision: "block" },
  { version: "0.6.51", decision: "redirect" },
  { version: "0.6.54", decision: "redirect" },
  { version: "nonsense", decision: "block" },
];

for (const { version, decision } of RELEASES) {
  Deno.test(`ConcurrentSession gives a redirect as ${decision} to release ${version}`, async () => {
    const { socket, ended } = connect(() => REDIRECT);
    socket.push(handshakeFrame({ proxy_version: version }), v2Request("a"));
    await socket.hangUp();
    await ended;
    assertEquals(readReplies(2, socket.written)[1]?.decision, decision);
  });
}

Deno.test("ConcurrentSession keeps releases of two connections apart", async () => {
  const old = connect(() => REDIRECT);
  const recent = connect(() => REDIRECT);
  old.socket.push(handshakeFrame({ proxy_version: "0.6.45" }));
  recent.socket.push(handshakeFrame({ proxy_version: "0.6.54" }));
  await settle();
  for (const { socket } of [old, recent]) {
    socket.push(v2Request("a"));
    await socket.hangUp();
  }
  await Promise.all([old.ended, recent.ended]);
  assertEquals([old, recent].map(({ socket }) => readReplies(2, socket.written)[1]?.decision), ["block", "redirect"]);
});

Deno.test("ConcurrentSession.inFlight counts events that have no reply yet, cancelled ones too until they are decided", async () => {
  const { ConcurrentSession } = await import("../../../src/server/concurrent.ts");
  const { ByteWriter } = await import("../../../src/protocol/mod.ts");
  const decider = new HeldDecider();
  const { options } = sessionOptions(decider.decide);
  const session = new ConcurrentSession(V2, options, { out: new ByteWriter(), framed() {}, flush() {} });
  const now = performance.now();
  for (const frame of [handshakeFrame(), v2Request("a"), v2Request("a"), v2Request("b"), cancelFrame("a")]) {
    session.handle(splitFrames(frame)[0]!, now);
  }
  const counts = [session.inFlight];
  for (const { answer } of decider.asked) {
    answer(ALLOW);
    await settle();
    counts.push(session.inFlight);
  }
  assertEquals(counts, [3, 2, 1, 0]);
});

Deno.test("ConcurrentSession has an event decided that cannot be understood, and goes on with the 99 beside it", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect((event, arrival) =>
    event.kind === "unreadable" ? blockWith("unreadable") : decider.decide(event, arrival)
  );
  const ids = Array.from({ length: 99 }, (_, index) => String(index));
  const bad = v2Frame(MessageType.requestComplete, { correlation_id: "bad", status: "200" });
  socket.push(handshakeFrame(), ...ids.map(v2Request), bad);
  await settle();
  assertEquals(bodies(socket), [["bad", "unreadable"]]);
  for (const id of ids) decider.answer(id, blockWith(id));
  await settle();
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(bodies(socket).slice(1), ids.map((id) => [id, id]));
});
