import { assert, assertEquals, assertGreater, assertLessOrEqual, assertRejects } from "@std/assert";
import { eventRate } from "../../../src/event_rate.ts";
import { AgentError, FrameError, ProtocolError } from "../../../src/errors.ts";
import { ALLOW, MAX_V1_FRAME_BYTES, MAX_V2_FRAME_BYTES, MessageType } from "../../../src/protocol/mod.ts";
import { Connection } from "../../../src/server/connection.ts";
import type { Decide, SessionOptions } from "../../../src/server/session.ts";
import { blockWith, HeldDecider, sessionOptions } from "./deciders.ts";
import { MemoryBudget } from "../../../src/server/memory_budget.ts";
import { now } from "../../../src/time.ts";
import { noteWork } from "../../../src/turn.ts";
import { FakeSocket, settle } from "./fake_socket.ts";
import { StillClock } from "./still_clock.ts";
import { cancelFrame, frameOf, handshakeFrame, readReplies, v1Frame, v1Request, v2Frame, v2Request } from "./proxy.ts";
import { openSession } from "../../../src/server/open_session.ts";

const STALLED_MS = 10_000;
const FRAME_MS = 30_000;
const CONGESTED_BYTES = 256 * 1024;
const EXPECTED_BYTES = 4 * 1024 * 1024;

function connect(decide: Decide = () => ALLOW, changes: Partial<SessionOptions> = {}) {
  const socket = new FakeSocket();
  const { options, notes } = sessionOptions(decide, changes);
  const connection = new Connection(socket, openSession, options);
  const ended = connection.run().then(() => undefined, (error: unknown) => error);
  return { socket, connection, ended, notes };
}

function assertStalled(error: unknown): void {
  assert(error instanceof ProtocolError, "closed without a word");
  assertEquals(error.code, "PEER_STALLED");
}

function concat(...pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function prefix(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

const CONVERSATIONS = [
  {
    version: 1,
    name: "v1",
    bytes: concat(v1Request("a"), v1Request("b"), v1Request("c")),
    ids: [undefined, undefined, undefined],
  },
  {
    version: 2,
    name: "v2",
    bytes: concat(handshakeFrame(), v2Request("a"), v2Request("b"), v2Request("c")),
    ids: [undefined, "a", "b", "c"],
  },
] as const;

for (const { version, name, bytes, ids } of CONVERSATIONS) {
  Deno.test(`Connection.run() answers ${name} events that come in one read`, async () => {
    const { socket, ended } = connect();
    socket.push(bytes);
    await socket.hangUp();
    assertEquals(await ended, undefined);
    assertEquals(readReplies(version, socket.written).map(({ id }) => id), [...ids]);
    assert(socket.closed);
  });

  Deno.test(`Connection.run() answers ${name} events that come byte by byte`, async () => {
    const { socket, ended } = connect();
    socket.push(...Array.from(bytes, (byte) => Uint8Array.of(byte)));
    await socket.hangUp();
    assertEquals(await ended, undefined);
    assertEquals(readReplies(version, socket.written).map(({ id }) => id), [...ids]);
  });

  Deno.test(`Connection.run() answers the same wherever a ${name} conversation is split`, async () => {
    for (let split = 1; split < bytes.length; split++) {
      const { socket, ended } = connect();
      socket.push(bytes.subarray(0, split), bytes.subarray(split));
      await socket.hangUp();
      assertEquals(await ended, undefined);
      assertEquals(readReplies(version, socket.written).map(({ id }) => id), [...ids], `split at ${split}`);
    }
  });

  Deno.test(`Connection.run() ends where a ${name} proxy leaves in the middle of a frame`, async () => {
    const { socket, ended } = connect();
    socket.push(bytes.subarray(0, bytes.length - 1));
    await socket.hangUp();
    assertEquals(await ended, undefined);
    assertEquals(readReplies(version, socket.written).length, ids.length - 1);
    assert(socket.closed);
  });

  Deno.test(`Connection.run() writes whole ${name} replies to a socket that takes 7 bytes at a time`, async () => {
    const { socket, ended } = connect();
    socket.writePiece = 7;
    socket.push(bytes);
    await settle();
    await socket.hangUp();
    await ended;
    assertEquals(readReplies(version, socket.written).map(({ id }) => id), [...ids]);
  });
}

const BAD_BEGINNINGS = [
  { name: "four bytes of text", bytes: new TextEncoder().encode("GET "), code: "FRAME_TOO_LARGE" },
  { name: "text", bytes: new TextEncoder().encode("\u0000\u0000\u0000\u0005hello"), code: "PROTOCOL_UNKNOWN" },
  { name: "the beginning of a TLS hello", bytes: Uint8Array.of(0x16, 3, 1, 2), code: "FRAME_TOO_LARGE" },
  { name: "a length of 0", bytes: prefix(0), code: "FRAME_EMPTY" },
  {
    name: "a length over the v2 limit, payload not there",
    bytes: prefix(MAX_V2_FRAME_BYTES + 1),
    code: "FRAME_TOO_LARGE",
  },
  {
    name: "a length over the v1 limit and a brace",
    bytes: concat(prefix(MAX_V1_FRAME_BYTES + 1), Uint8Array.of(0x7b)),
    code: "FRAME_TOO_LARGE",
  },
  { name: "a v2 event without a handshake", bytes: v2Request("a"), code: "PROTOCOL_UNKNOWN" },
  { name: "an unknown fifth byte", bytes: frameOf(Uint8Array.of(0x99)), code: "PROTOCOL_UNKNOWN" },
  {
    name: "a body that begins as JSON and is none",
    bytes: frameOf(new TextEncoder().encode("{]")),
    code: "MESSAGE_NOT_JSON",
  },
  { name: "a handshake that is no JSON", bytes: frameOf(Uint8Array.of(1, 0x7b)), code: "MESSAGE_NOT_JSON" },
];

for (const { name, bytes, code } of BAD_BEGINNINGS) {
  for (const step of [1, Infinity]) {
    Deno.test(`Connection.run() closes for ${name}, ${step === 1 ? "byte by byte" : "at once"}`, async () => {
      const { socket, ended } = connect();
      for (let at = 0; at < bytes.length; at += step) socket.push(bytes.subarray(at, at + step));
      const error = await ended;
      assert(error instanceof FrameError || error instanceof ProtocolError);
      assertEquals(error.code, code);
      assertEquals([socket.closed, socket.written.length], [true, 0]);
    });
  }
}

Deno.test("Connection.run() closes for HTTP, however much of it comes at once", async () => {
  const bytes = new TextEncoder().encode("GET / HTTP/1.1\r\nhost: example.com\r\n\r\n");
  for (const step of [1, 4, 5, Infinity]) {
    const { socket, ended } = connect();
    for (let at = 0; at < bytes.length; at += step) socket.push(bytes.subarray(at, at + step));
    const error = await ended;
    assert(error instanceof FrameError || error instanceof ProtocolError);
    assertEquals([socket.closed, socket.written.length], [true, 0]);
  }
});

Deno.test("Connection.run() takes a v2 frame above the v1 limit", async () => {
  const { socket, ended } = connect();
  const padded = { correlation_id: "big", mode: "x".repeat(MAX_V1_FRAME_BYTES) };
  const body = new TextEncoder().encode(JSON.stringify(padded));
  const frame = new Uint8Array(5 + body.length);
  new DataView(frame.buffer).setUint32(0, 1 + body.length);
  frame[4] = MessageType.configure;
  frame.set(body, 5);
  socket.push(handshakeFrame(), frame);
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(readReplies(2, socket.written).at(-1)?.id, "big");
});

Deno.test("Connection.run() sends the answers to what came before a bad frame, then closes", async () => {
  const { socket, ended } = connect();
  socket.push(concat(handshakeFrame(), v2Request("a"), frameOf(Uint8Array.of(0x99))));
  const error = await ended;
  assert(error instanceof ProtocolError);
  assertEquals(readReplies(2, socket.written).map(({ id }) => id), [undefined, "a"]);
  assert(socket.closed);
});

const WRONG = [
  { name: "a head that is no JSON", frame: frameOf(Uint8Array.of(MessageType.requestHeaders, 0x7b)) },
  { name: "an event of nobody's", frame: v2Frame(MessageType.requestComplete, {}) },
  { name: "an unknown type", frame: frameOf(Uint8Array.of(0x99)) },
  { name: "a length of 0", frame: new Uint8Array(4) },
  { name: "a length over the limit", frame: prefix(MAX_V2_FRAME_BYTES + 1) },
];

for (const { name, frame } of WRONG) {
  Deno.test(`Connection.run() closes for ${name} once the events in flight beside it were answered`, async () => {
    const decider = new HeldDecider();
    const { socket, ended } = connect(decider.decide);
    socket.push(handshakeFrame(), v2Request("a"), v2Request("b"), frame, v2Request("c"));
    await settle();
    assertEquals([decider.ids, socket.closed], [["a", "b"], false]);
    for (const id of ["b", "a"]) {
      assertEquals(socket.closed, false);
      decider.answer(id);
      await settle();
    }
    const error = await ended;
    assert(error instanceof FrameError || error instanceof ProtocolError);
    assertEquals([socket.closed, decider.ids.length], [true, 2]);
    assertEquals(readReplies(2, socket.written).slice(1).map(({ id }) => id), ["b", "a"]);
  });
}

Deno.test("Connection.run() ends silently where a read fails", async () => {
  const { socket, connection, ended } = connect();
  socket.push(handshakeFrame());
  await settle();
  connection.close();
  assertEquals(await ended, undefined);
});

Deno.test("Connection.run() tells of an error that is no fault of the socket", async () => {
  const { socket, ended } = connect(() => {
    throw new TypeError("a bug");
  });
  socket.push(v1Request("a"));
  assert((await ended) instanceof TypeError, "swallowed");
  assert(socket.closed);
});

Deno.test("Connection.close() aborts what is in flight, and nothing is written after", async () => {
  const decider = new HeldDecider();
  const { socket, connection, ended } = connect(decider.decide);
  socket.push(handshakeFrame(), v2Request("a"), v2Request("b"));
  await settle();
  const before = socket.written.length;
  connection.close();
  await ended;
  assertEquals(decider.asked.map(({ arrival }) => arrival.signal.aborted), [true, true]);
  decider.answer("a");
  decider.answer("b");
  await settle();
  assertEquals(socket.written.length, before);
});

Deno.test("Connection hands its input's memory on, but not before its last read has ended", async () => {
  const { options } = sessionOptions(() => ALLOW);
  const targets: ArrayBufferLike[] = [];
  const open = () => {
    const { promise, resolve } = Promise.withResolvers<null>();
    const read = (target: Uint8Array) => {
      targets.push(target.buffer);
      return promise;
    };
    const socket = { read, write: () => Promise.resolve(0), close: () => {} };
    const connection = new Connection(socket, openSession, options);
    return { connection, ended: connection.run(), end: () => resolve(null) };
  };
  const first = open();
  first.connection.close();
  await settle();
  const beside = open();
  first.end();
  await first.ended;
  const next = open();
  beside.end();
  next.end();
  await Promise.all([beside.ended, next.ended]);
  assertEquals([targets[1] === targets[0], targets[2] === targets[0]], [false, true]);
});

for (const version of [1, 2] as const) {
  Deno.test(`Connection never writes what is decided on v${version} after its end to another connection`, async () => {
    const decider = new HeldDecider();
    const beginning = version === 1 ? [] : [handshakeFrame()];
    const request = version === 1 ? v1Request : v2Request;
    const gone = connect(decider.decide);
    gone.socket.push(...beginning, request("gone"));
    await settle();
    gone.connection.close();
    const other = connect(decider.decide);
    other.socket.push(...beginning, request("other"));
    await settle();
    decider.answer("gone", blockWith("gone"));
    await settle();
    decider.answer("other");
    await other.socket.hangUp();
    assertEquals([await gone.ended, await other.ended], [undefined, undefined]);
    const replies = readReplies(version, other.socket.written).slice(beginning.length);
    assertEquals(replies.map(({ decision }) => decision), ["allow"]);
  });
}

Deno.test("Connection.run() decides no more v1 events once it is closed", async () => {
  const decider = new HeldDecider();
  const { socket, connection, ended } = connect(decider.decide);
  socket.push(concat(v1Request("a"), v1Request("b")));
  await settle();
  connection.close();
  decider.answer("a");
  await settle();
  const { ids } = decider;
  if (ids.includes("b")) decider.answer("b");
  await ended;
  assertEquals(ids, ["a"]);
});

Deno.test("Connection.run() aborts what is in flight when the proxy leaves", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect(decider.decide);
  socket.push(handshakeFrame(), v2Request("a"));
  await socket.leave();
  await settle();
  const aborted = decider.asked[0]?.arrival.signal.aborted;
  decider.answer("a");
  await ended;
  assertEquals(aborted, true);
});

for (const version of [1, 2] as const) {
  const request = version === 1 ? v1Request : v2Request;
  const beginning = version === 1 ? [] : [handshakeFrame()];

  Deno.test(`Connection.drain() closes an idle v${version} connection at once`, async () => {
    const { socket, connection, ended } = connect();
    socket.push(...beginning, request("a"));
    await settle();
    connection.drain();
    assert(socket.closed);
    assertEquals(await ended, undefined);
    assertEquals(readReplies(version, socket.written).at(-1)?.decision, "allow");
  });

  Deno.test(`Connection.drain() lets a v${version} event in flight be answered, then closes`, async () => {
    const decider = new HeldDecider();
    const { socket, connection, ended } = connect(decider.decide);
    socket.push(...beginning, request("a"));
    await settle();
    connection.drain();
    assert(!socket.closed);
    decider.answer("a");
    assertEquals(await ended, undefined);
    assertEquals(readReplies(version, socket.written).at(-1)?.decision, "allow");
    assert(socket.closed);
  });

  Deno.test(`Connection.drain() takes no more v${version} events`, async () => {
    const decider = new HeldDecider();
    const { socket, connection, ended } = connect(decider.decide);
    socket.push(...beginning, request("a"));
    await settle();
    connection.drain();
    socket.push(request("b"));
    await settle();
    assertEquals(decider.ids, ["a"]);
    decider.answer("a");
    await ended;
    assertEquals(decider.ids, ["a"]);
  });

  Deno.test(`Connection.drain() waits for a v${version} write that is under way`, async () => {
    const { socket, connection, ended } = connect();
    socket.push(...beginning);
    await settle();
    socket.stopReading();
    socket.push(request("a"));
    await settle();
    connection.drain();
    assert(!socket.closed);
    socket.goOnReading();
    await ended;
    assertEquals(readReplies(version, socket.written).at(-1)?.decision, "allow");
  });
}

Deno.test("Connection.drain() closes before a protocol is known", async () => {
  const { socket, connection, ended } = connect();
  socket.push(Uint8Array.of(0, 0));
  await settle();
  connection.drain();
  assert(socket.closed);
  await ended;
});

Deno.test("Connection.drain() closes once the last event in flight was cancelled", async () => {
  const decider = new HeldDecider();
  const { socket, connection, ended } = connect(decider.decide);
  socket.push(handshakeFrame(), v2Request("a"), cancelFrame("a"));
  await settle();
  connection.drain();
  decider.answer("a");
  await settle();
  const { closed } = socket;
  await socket.hangUp();
  await ended;
  assert(closed, "left open until the grace period ends");
});

Deno.test("Connection.drain() closes once the last event in flight was too late", async () => {
  const decider = new HeldDecider();
  const { socket, connection, ended } = connect(decider.decide, { lateAfterMs: -1 });
  socket.push(handshakeFrame(), v2Request("a"));
  await settle();
  connection.drain();
  decider.answer("a");
  await settle();
  const { closed } = socket;
  await socket.hangUp();
  await ended;
  assert(closed, "left open until the grace period ends");
});

Deno.test("Connection.closeIfStalled() closes a peer that stopped within a frame, not one that is idle", async () => {
  const { socket, connection, ended } = connect();
  socket.push(v1Request("a"));
  await settle();
  connection.closeIfStalled(performance.now() + 100 * STALLED_MS);
  assert(!socket.closed, "closed while idle");
  socket.push(v1Request("b").subarray(0, 20));
  await settle();
  connection.closeIfStalled(performance.now());
  assert(!socket.closed, "closed at once");
  connection.closeIfStalled(performance.now() + STALLED_MS + 1);
  assert(socket.closed);
  assertStalled(await ended);
});

Deno.test("Connection tells when it begins to wait for its peer: within a frame, or for room to write", async () => {
  const socket = new FakeSocket();
  let told = 0;
  const connection = new Connection(socket, openSession, sessionOptions(() => ALLOW).options, () => told++);
  const ended = connection.run();
  const steps: [string, () => void, number][] = [
    ["a whole frame that is answered", () => socket.push(v1Request("a")), 0],
    ["a part of a frame", () => socket.push(v1Request("c").subarray(0, 20)), 1],
    ["the rest of it", () => socket.push(v1Request("c").subarray(20)), 1],
    ["an answer that is not taken", () => (socket.stopReading(), socket.push(v1Request("d"))), 1],
    ["one more", () => socket.push(v1Request("e")), 2],
  ];
  for (const [what, step, expected] of steps) {
    step();
    await settle();
    assertEquals(told, expected, what);
  }
  assert(connection.closeIfStalled(performance.now()));
  socket.goOnReading();
  await settle();
  assert(!connection.closeIfStalled(performance.now()));
  await socket.hangUp();
  await ended;
});

Deno.test("Connection.closeIfStalled() closes a peer that sends no whole first prefix", async () => {
  const { socket, connection, ended } = connect();
  socket.push(Uint8Array.of(0));
  await settle();
  connection.closeIfStalled(performance.now() + STALLED_MS + 1);
  assert(socket.closed);
  await ended;
});

Deno.test("Connection.closeIfStalled() closes a peer that does not read its answers", async () => {
  const { socket, connection, ended } = connect();
  socket.stopReading();
  socket.push(v1Request("a"));
  await settle();
  connection.closeIfStalled(performance.now());
  assert(!socket.closed, "closed at once");
  connection.closeIfStalled(performance.now() + STALLED_MS + 1);
  assert(socket.closed);
  assertStalled(await ended);
});

for (const version of [1, 2] as const) {
  Deno.test(`Connection.closeIfStalled() leaves a v${version} peer alone whose frame is whole and being decided`, async () => {
    const decider = new HeldDecider();
    const { socket, connection, ended } = connect(decider.decide);
    const frame = version === 1 ? v1Request("a") : v2Request("a");
    if (version === 2) socket.push(handshakeFrame());
    socket.push(frame.subarray(0, 20));
    await settle();
    socket.push(frame.subarray(20));
    await settle();
    connection.closeIfStalled(performance.now() + STALLED_MS + 1);
    const { closed } = socket;
    decider.answer("a");
    await socket.hangUp();
    await settle();
    await ended;
    assert(!closed, "closed though the peer waits for its answer");
  });
}

Deno.test("Connection.run() reads no more from a peer that does not read its answers", async () => {
  const { socket, ended } = connect();
  socket.stopReading();
  const ping = v2Frame(MessageType.ping, { padding: "x".repeat(100_000) });
  socket.push(handshakeFrame());
  await settle();
  const count = 100;
  socket.push(...Array(count).fill(ping));
  await settle();
  const taken = count * ping.length - socket.unread;
  assertGreater(socket.unread, 0);
  // What is being written, what has piled up, and one more buffer that was read.
  assertLessOrEqual(taken, 2 * CONGESTED_BYTES + 2 * ping.length);
  socket.goOnReading();
  for (let round = 0; round < 1000 && socket.unread > 0; round++) await settle();
  assertEquals(socket.unread, 0);
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(readReplies(2, socket.written).length, 1 + count);
});

Deno.test("Connection.run() gathers the answers to one read in one write", async () => {
  const socket = new FakeSocket();
  let writes = 0;
  const { options } = sessionOptions(() => ALLOW);
  const counted = {
    read: (target: Uint8Array) => socket.read(target),
    write: (bytes: Uint8Array) => {
      writes++;
      return socket.write(bytes);
    },
    close: () => socket.close(),
  };
  const run = new Connection(counted, openSession, options).run();
  socket.push(concat(handshakeFrame(), ...Array.from({ length: 20 }, (_, index) => v2Request(`r${index}`))));
  await socket.hangUp();
  await run;
  assertEquals(writes, 1);
  assertEquals(readReplies(2, socket.written).length, 21);
});

Deno.test("Connection.run() rejects with an error that has a stable code", async () => {
  const socket = new FakeSocket();
  const { options } = sessionOptions(() => ALLOW);
  socket.push(prefix(0));
  await assertRejects(() => new Connection(socket, openSession, options).run(), AgentError);
});

const OVERSIZE = [
  { version: 1, beginning: [], frame: v1Request("a"), bytes: MAX_V1_FRAME_BYTES },
  { version: 2, beginning: [handshakeFrame()], frame: v2Request("a"), bytes: MAX_V2_FRAME_BYTES },
] as const;

for (const { version, beginning, frame, bytes } of OVERSIZE) {
  Deno.test(`Connection.run() gives no v${version} body back that would make the reply too long for a proxy`, async () => {
    const chunk = { data: "A".repeat(bytes - 100), chunkIndex: 0 };
    const { socket, ended } = connect(() => ({ ...ALLOW, responseBody: chunk }));
    socket.push(...beginning, frame);
    await socket.hangUp();
    await ended;
    const reply = readReplies(version, socket.written).at(-1);
    assertEquals([reply?.decision, Object(reply?.payload).response_body_mutation], ["allow", null]);
  });

  Deno.test(`Connection.run() gives a v${version} body back that a reply has room for`, async () => {
    const chunk = { data: "A".repeat(bytes - 128 * 1024), chunkIndex: 3 };
    const { socket, ended } = connect(() => ({ ...ALLOW, responseBody: chunk }));
    socket.push(...beginning, frame);
    await socket.hangUp();
    await ended;
    const mutation = Object(readReplies(version, socket.written).at(-1)?.payload).response_body_mutation;
    assertEquals([mutation.data.length, mutation.chunk_index], [chunk.data.length, 3]);
    assertLessOrEqual(socket.written.length, bytes + 64 * 1024);
  });
}

for (const version of [1, 2] as const) {
  const request = version === 1 ? v1Request : v2Request;
  const beginning = version === 1 ? [] : [handshakeFrame()];
  const large = blockWith("x".repeat(CONGESTED_BYTES - 1000));
  /** Bodies of blocks, or what else a reply says. */
  const answers = (socket: FakeSocket) =>
    readReplies(version, socket.written).slice(beginning.length).map(({ payload, decision }) =>
      Object(payload).decision?.block?.body ?? decision
    );

  Deno.test(`Connection.run() answers v${version} events that wait when the proxy has shut its side`, async () => {
    const decider = new HeldDecider();
    const { socket, ended } = connect(decider.decide);
    socket.push(...beginning, concat(request("a"), request("b")));
    await socket.hangUp();
    for (const id of ["a", "b"]) {
      await settle();
      decider.answer(id, blockWith(id));
    }
    assertEquals(await ended, undefined);
    assertEquals(answers(socket), ["a", "b"]);
    assert(socket.closed);
  });

  Deno.test(`Connection.run() takes no v${version} frames that are there already while too much output waits`, async () => {
    let asked = 0;
    const { socket, ended } = connect(() => {
      asked++;
      return large;
    });
    socket.push(...beginning);
    await settle();
    socket.stopReading();
    const count = 20;
    socket.push(concat(...Array.from({ length: count }, (_, index) => request(`r${index}`))));
    await settle();
    // One is being written, one waits up to the bound, and one more goes over it.
    assertLessOrEqual(asked, 3);
    socket.goOnReading();
    while (asked < count) await settle();
    await socket.hangUp();
    assertEquals(await ended, undefined);
    assertEquals(answers(socket).length, count);
  });

  for (const [ms, leaves] of [[50, true], [50.5, false]] as const) {
    Deno.test(`Connection ${leaves ? "sends" : "never sends"} a v${version} reply ${ms} ms old, with a limit of 50`, async () => {
      await using clock = new StillClock();
      const decide = () => {
        clock.pass(ms);
        now();
        return ALLOW;
      };
      const { socket, ended, notes } = connect(decide, { lateAfterMs: 50 });
      socket.push(...beginning, request("a"));
      await socket.hangUp();
      const error = await ended;
      assertEquals(answers(socket), leaves ? ["allow"] : []);
      assertEquals(notes.filter(({ kind }) => kind === "late").length, leaves ? 0 : 1);
      assertEquals(
        error instanceof ProtocolError ? error.code : undefined,
        leaves || version === 2 ? undefined : "REPLY_LATE",
      );
    });

    Deno.test(`Connection ${leaves ? "sends" : "never sends"} a v${version} reply handed over after ${ms} ms, with a limit of 50`, async () => {
      await using clock = new StillClock();
      const { socket, ended, notes } = connect((event) => blockWith(event.correlationId), { lateAfterMs: 50 });
      socket.push(...beginning);
      await settle();
      socket.stopReading();
      for (const id of ["a", "b"]) {
        socket.push(request(id));
        await settle();
      }
      // "a" is on its way to a peer that takes its time, "b" waits behind it, and so does a younger "c".
      clock.pass(ms - 10);
      socket.push(request("c"));
      await settle();
      clock.pass(10);
      socket.goOnReading();
      await settle();
      await socket.hangUp();
      const error = await ended;
      assertEquals(answers(socket), leaves ? ["a", "b", "c"] : version === 1 ? ["a"] : ["a", "c"]);
      assertEquals(notes.filter(({ kind }) => kind === "not_taken").length, leaves || version === 1 ? 0 : 1);
      assertEquals(
        error instanceof ProtocolError ? error.code : undefined,
        leaves || version === 2 ? undefined : "REPLY_LATE",
      );
    });
  }

  Deno.test(`Connection.closeIfStalled() leaves a v${version} peer alone that takes a little of a long reply each time`, async () => {
    await using clock = new StillClock();
    const { socket, connection, ended } = connect(() => large, { lateAfterMs: 50 });
    socket.writePiece = 1000;
    socket.push(...beginning);
    await settle();
    socket.stopReading();
    socket.push(request("a"));
    for (let round = 0; round < 20; round++) {
      await settle();
      clock.pass(STALLED_MS);
      assert(connection.closeIfStalled(clock.time), "waits for nothing");
      assert(!socket.closed, `closed in round ${round} though it makes progress`);
      socket.readOnce();
    }
    await settle();
    clock.pass(STALLED_MS + 1);
    connection.closeIfStalled(clock.time);
    assertStalled(await ended);
  });

  Deno.test(`Connection tells that it waits once a v${version} reply is longer than a piece, and closes though the peer has shut its side`, async () => {
    await using clock = new StillClock();
    const socket = new FakeSocket();
    let told = 0;
    const connection = new Connection(socket, openSession, sessionOptions(() => large).options, () => told++);
    const ended = connection.run().then(() => undefined, (error: unknown) => error);
    socket.push(...beginning);
    await settle();
    socket.stopReading();
    socket.push(request("a"));
    await socket.hangUp();
    assertGreater(told, 0);
    clock.pass(STALLED_MS);
    assert(connection.closeIfStalled(clock.time));
    clock.pass(1);
    assert(!connection.closeIfStalled(clock.time));
    assertStalled(await ended);
  });

  for (const stepMs of [4000, STALLED_MS]) {
    Deno.test(`Connection.closeIfStalled() gives a v${version} frame up that is not whole after 30 s, a byte each ${stepMs} ms`, async () => {
      await using clock = new StillClock();
      const { socket, connection, ended } = connect(() => ALLOW);
      const frame = request("a");
      socket.push(...beginning, concat(request("b"), frame.subarray(0, 1)));
      await settle();
      const began = clock.time;
      for (let at = 1; clock.time - began + stepMs <= FRAME_MS; at++) {
        clock.pass(stepMs);
        assert(connection.closeIfStalled(clock.time), "closed too early");
        socket.push(frame.subarray(at, at + 1));
        await settle();
      }
      clock.time = began + FRAME_MS + 1;
      assert(!connection.closeIfStalled(clock.time));
      assertStalled(await ended);
    });
  }
}

Deno.test("Connection.run() takes no more v2 events than the replies to those in flight leave room for", async () => {
  const decider = new HeldDecider();
  const { socket, ended } = connect(decider.decide);
  const large = blockWith("x".repeat(1024 * 1024));
  const answer = (count: number) => decider.asked.splice(0, count).forEach(({ answer }) => answer(large));
  socket.push(handshakeFrame(), v2Request("first"));
  await settle();
  answer(1);
  await settle();
  const count = 20;
  socket.push(concat(...Array.from({ length: count }, (_, index) => v2Request(`r${index}`))));
  for (let answered = 0; answered < count;) {
    await settle();
    const { length } = decider.asked;
    assertGreater(length, 0);
    assertLessOrEqual(length, EXPECTED_BYTES / (1024 * 1024) + 1);
    answer(length);
    answered += length;
  }
  await socket.hangUp();
  assertEquals(await ended, undefined);
  assertEquals(readReplies(2, socket.written).length, count + 2);
});

Deno.test("Connection dates what it reads behind a long turn from that turn's start", async () => {
  await using clock = new StillClock();
  const arrivals: number[] = [];
  const decide: Decide = (_event, { at }) => {
    const startedAt = clock.time;
    arrivals.push(at);
    if (arrivals.length === 1) clock.pass(40);
    now();
    // As the pool does.
    noteWork(startedAt);
    return ALLOW;
  };
  const [first, second] = [connect(decide), connect(decide)];
  const began = clock.time;
  first.socket.push(v1Request("a"));
  second.socket.push(v1Request("b"));
  await settle();
  clock.pass(1000);
  second.socket.push(v1Request("c"));
  await settle();
  assertEquals(arrivals, [began, began, began + 1040]);
  for (const { socket, ended } of [first, second]) {
    await socket.hangUp();
    await ended;
  }
});

Deno.test("Connection dates what it reads behind a long frame that no module is asked about from when that was read", async () => {
  await using clock = new StillClock();
  const arrivals: number[] = [];
  const decide: Decide = (event, { at }) => {
    arrivals.push(at);
    if (event.kind === "response_body") clock.pass(40);
    return ALLOW;
  };
  const [first, second] = [connect(decide), connect(decide)];
  const began = clock.time;
  first.socket.push(v1Frame("response_body_chunk", { correlation_id: "a", data: "A".repeat(20_000), is_last: true }));
  for (let turn = 0; turn < 2 && arrivals.length === 0; turn++) await settle();
  second.socket.push(v1Request("b"));
  await settle();
  assertEquals(arrivals, [began, began]);
  for (const { socket, ended } of [first, second]) {
    await socket.hangUp();
    await ended;
  }
});

Deno.test("Connection.giveUp() closes with a word on it", async () => {
  const { socket, connection, ended } = connect();
  socket.push(v1Request("a").subarray(0, 20));
  await settle();
  connection.giveUp();
  const error = await ended;
  assert(error instanceof ProtocolError);
  assertEquals(error.code, "PEER_HOLDS_MEMORY");
});

Deno.test("Connection has the replies counted that its peer does not take, until it does", async () => {
  const budget = new MemoryBudget(250_000);
  const lost: number[] = [];
  const large = blockWith("x".repeat(100_000));
  const peers = [0, 1, 2].map((index) => {
    const socket = new FakeSocket();
    const ended = new Connection(socket, openSession, sessionOptions(() => large).options, undefined, budget).run()
      .catch(() => lost.push(index));
    return { socket, ended };
  });
  for (const reading of [true, false]) {
    for (const { socket } of peers) {
      socket.stopReading();
      socket.push(v1Request("a"));
      await settle();
      if (reading) socket.goOnReading();
      await settle();
    }
    assertEquals(lost, reading ? [] : [0]);
  }
  for (const { socket, ended } of peers) {
    socket.goOnReading();
    await socket.hangUp();
    await ended;
  }
});

Deno.test("Connection has its unfinished frame counted as long as it is unfinished, and large", async () => {
  const budget = new MemoryBudget(300_000);
  const lost: number[] = [];
  const peers = [0, 1, 2].map((index) => {
    const socket = new FakeSocket();
    const ended = new Connection(socket, openSession, sessionOptions(() => ALLOW).options, undefined, budget).run()
      .catch(() => lost.push(index));
    return { socket, ended };
  });
  const frame = v1Frame("configure", { agent_id: "a", config: { padding: "x".repeat(100_000) } });
  // Two buffers of 128 KiB fit, the third does not: unless the first is empty again by then.
  for (const [round, whole] of [true, false].entries()) {
    for (const [index, { socket }] of peers.entries()) {
      socket.push(frame.subarray(0, 100_000));
      await settle();
      if (whole || index === 2) socket.push(frame.subarray(100_000));
      await settle();
    }
    assertEquals(lost, round === 0 ? [] : [0]);
  }
  for (const { socket, ended } of peers) {
    await socket.hangUp();
    await ended;
  }
});

Deno.test("Connection counts each frame among the events of its event loop", async () => {
  const counted: number[] = [];
  const { count } = eventRate;
  eventRate.count = (_, events) => void counted.push(events);
  try {
    const socket = new FakeSocket();
    const ended = new Connection(socket, openSession, sessionOptions(() => ALLOW).options).run();
    socket.push(v1Request("a"), v1Request("b"));
    await socket.hangUp();
    await ended;
  } finally {
    eventRate.count = count;
  }
  assertEquals(counted.reduce((sum, events) => sum + events, 0), 2);
});
