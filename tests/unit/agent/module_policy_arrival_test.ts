import { assert, assertEquals } from "@std/assert";
import { ModulePolicy } from "../../../src/agent/mod.ts";
import type { Failure } from "../../../src/ops/mod.ts";
import { ProtocolError } from "../../../src/errors.ts";
import type { PoolCall, Take } from "../../../src/pool/mod.ts";
import { Connection } from "../../../src/server/connection.ts";
import { type Decide, PendingEvent } from "../../../src/server/session.ts";
import { MessageType } from "../../../src/protocol/mod.ts";
import { guestText, LIMITS, prepare } from "../guest/guests.ts";
import { sessionOptions } from "../server/deciders.ts";
import { FakeSocket } from "../server/fake_socket.ts";
import { handshakeFrame, readReplies, requestPayload, v1Frame, v2Frame, v2Request } from "../server/proxy.ts";
import { StillClock } from "../server/still_clock.ts";
import { openSession } from "../../../src/server/open_session.ts";

const ALLOW = new TextEncoder().encode('{"decision":"allow"}');

/** A pool that is asked and answers at once. */
class RecordingPool {
  readonly asked: { readonly call: PoolCall; readonly time: number }[] = [];
  run<T>(call: PoolCall, take: Take<T>, time = NaN): T {
    this.asked.push({ call, time });
    return take(ALLOW);
  }
  close(): void {}
}

async function setUp(changes: { readonly decide?: (decide: Decide) => Decide } = {}) {
  const pool = new RecordingPool();
  const failures: Failure[] = [];
  const agent = new ModulePolicy({
    module: await prepare(guestText("traps")),
    pool,
    failMode: "closed",
    observer: { failed: (failure) => failures.push(failure) },
  });
  const decide: Decide = (event, arrival) => agent.decide(event, arrival);
  const socket = new FakeSocket();
  const { options } = sessionOptions(changes.decide?.(decide) ?? decide);
  return { pool, failures, socket, ended: new Connection(socket, openSession, options).run() };
}

/** A head that takes long to read in any way: its scan is declined. */
const LONG_HEAD = { ...requestPayload("long"), headers: { a: ["é".repeat(400_000)] } };

for (
  const { version, frames } of [
    { version: 1, frames: [v1Frame("request_headers", LONG_HEAD)] },
    { version: 2, frames: [handshakeFrame(), v2Frame(MessageType.requestHeaders, LONG_HEAD)] },
  ]
) {
  Deno.test(`ModulePolicy gives a module its whole time however long the head took to read, on v${version}`, async () => {
    const { pool, socket, ended } = await setUp();
    socket.push(...frames);
    await socket.hangUp();
    await ended;
    assertEquals(pool.asked.length, 1);
    const { call, time } = pool.asked[0]!;
    const arrival = call.cancellation;
    assert(arrival instanceof PendingEvent && arrival.readingMs > 0);
    assert(time > arrival.at + arrival.readingMs, "the call has begun before the head was read and written down");
    assert(Math.abs(call.deadline - time - LIMITS.timeoutMs) < 1e-6, `${call.deadline - time} ms`);
  });
}

Deno.test("ModulePolicy counts a short head's deadline from its arrival, without a look at the clock", async () => {
  await using _clock = new StillClock();
  const { pool, socket, ended } = await setUp();
  socket.push(handshakeFrame(), v2Request("a"));
  await socket.hangUp();
  await ended;
  const { call, time } = pool.asked[0]!;
  const arrival = call.cancellation;
  assert(arrival instanceof PendingEvent);
  assertEquals([arrival.readingMs, call.deadline], [0, arrival.at + LIMITS.timeoutMs]);
  assertEquals(time, arrival.at);
});

Deno.test("ModulePolicy does not take a call to have begun before the long frame in front of it was answered", async () => {
  let answeredAt = 0;
  const { pool, socket, ended } = await setUp({
    decide: (decide) => (event, arrival) => {
      const decision = decide(event, arrival);
      if (event.kind === "response_body") answeredAt = performance.now();
      return decision;
    },
  });
  const chunk = { correlation_id: "c", data: "A".repeat(100_000), is_last: true };
  const together = [v2Frame(MessageType.responseBodyChunk, chunk), v2Request("a")].flatMap((frame) => [...frame]);
  socket.push(handshakeFrame(), Uint8Array.from(together));
  await socket.hangUp();
  await ended;
  assert(answeredAt > 0 && pool.asked[0]!.time >= answeredAt);
});

Deno.test("ModulePolicy answers an unreadable event by the fail mode, and says what was wrong under the proxy's name for it", async () => {
  const { pool, failures, socket, ended } = await setUp();
  socket.push(v1Frame("coffee_break", { correlation_id: "odd" }));
  await socket.hangUp();
  await ended;
  assertEquals(readReplies(1, socket.written).map(({ decision }) => decision), ["block"]);
  const [failure] = failures;
  assert(failure?.error instanceof ProtocolError);
  assertEquals([failure.correlationId, failure.phase, failure.error.code], [
    "odd",
    "coffee_break",
    "MESSAGE_UNKNOWN_KIND",
  ]);
  assertEquals([failures.length, pool.asked.length], [1, 0]);
});
