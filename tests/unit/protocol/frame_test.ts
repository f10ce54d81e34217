import { assert, assertEquals, assertGreater, assertLessOrEqual, assertThrows } from "@std/assert";
import { FrameError } from "../../../src/errors.ts";
import {
  encodeFrame,
  FrameBuffer,
  MAX_V1_FRAME_BYTES,
  MAX_V2_FRAME_BYTES,
  PREFIX_BYTES,
} from "../../../src/protocol/mod.ts";

const INITIAL_BYTES = 16 * 1024;

function prefix(length: number): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

/** A body whose bytes tell their place and number, so that a mix-up shows. */
function bodyOf(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (seed * 31 + at * 7) & 0xff);
}

/** Reads `bytes` in pieces of at most `step`, as a socket would, and takes frames out after each. */
function feed(buffer: FrameBuffer, bytes: Uint8Array, step: number): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const target = buffer.writable();
    const count = Math.min(step, target.length, bytes.length - at);
    target.set(bytes.subarray(at, at + count));
    buffer.advance(count);
    at += count;
    for (let body = buffer.next(); body !== undefined; body = buffer.next()) bodies.push(body.slice());
  }
  return bodies;
}

Deno.test("encodeFrame() puts the length of all parts in front, big-endian", () => {
  const frame = encodeFrame(Uint8Array.of(0x41), new TextEncoder().encode("{}"));
  assertEquals(frame, Uint8Array.of(0, 0, 0, 3, 0x41, 0x7b, 0x7d));
});

Deno.test("encodeFrame() without parts is a prefix of 0", () => {
  assertEquals(encodeFrame(), Uint8Array.of(0, 0, 0, 0));
});

const STREAMS = [
  { name: "one small frame", lengths: [1] },
  { name: "many small frames", lengths: [1, 2, 3, 4, 5, 300, 1, 1, 7] },
  { name: "frames around the buffer's first size", lengths: [INITIAL_BYTES - 4, INITIAL_BYTES - 3, INITIAL_BYTES, 5] },
  { name: "a large frame between small ones", lengths: [10, 3 * INITIAL_BYTES + 1, 10, 20_000, 20_000, 3] },
];
const STEPS = [1, 2, 3, 5, 4096, Infinity];

for (const { name, lengths } of STREAMS) {
  for (const step of STEPS) {
    Deno.test(`FrameBuffer.next() gives every body of ${name}, ${step} bytes a read`, () => {
      const bodies = lengths.map((length, index) => bodyOf(length, index));
      const bytes = Uint8Array.from(bodies.flatMap((body) => [...encodeFrame(body)]));
      const buffer = new FrameBuffer();
      assertEquals(feed(buffer, bytes, step), bodies);
      assert(!buffer.partial);
    });
  }
}

Deno.test("FrameBuffer.next() gives the same bodies wherever the stream is split in two", () => {
  const bodies = [bodyOf(3, 1), bodyOf(1, 2), bodyOf(9, 3)];
  const bytes = Uint8Array.from(bodies.flatMap((body) => [...encodeFrame(body)]));
  for (let split = 0; split <= bytes.length; split++) {
    const buffer = new FrameBuffer();
    const got = [
      ...feed(buffer, bytes.subarray(0, split), Infinity),
      ...feed(buffer, bytes.subarray(split), Infinity),
    ];
    assertEquals(got, bodies, `split at ${split}`);
  }
});

Deno.test("FrameBuffer.next() keeps a frame whole when the buffer is compacted, and when it grows", () => {
  const buffer = new FrameBuffer();
  // Fills the first buffer to its end with one whole frame and the beginning of another: compacted at the next read.
  const first = bodyOf(INITIAL_BYTES - 100, 1);
  const second = bodyOf(50_000, 2);
  const bytes = Uint8Array.from([...encodeFrame(first), ...encodeFrame(second)]);
  assertEquals(feed(buffer, bytes.subarray(0, INITIAL_BYTES), Infinity), [first]);
  assert(buffer.partial);
  assertEquals(buffer.writable().length, INITIAL_BYTES - 96);
  assertEquals(feed(buffer, bytes.subarray(INITIAL_BYTES), Infinity), [second]);
});

Deno.test("FrameBuffer.writable() goes back to its first size once a large frame has been taken", () => {
  const buffer = new FrameBuffer();
  feed(buffer, encodeFrame(bodyOf(10 * INITIAL_BYTES, 1)), Infinity);
  assertEquals(buffer.writable().length, INITIAL_BYTES);
});

Deno.test("FrameBuffer.writable() grows with what has arrived, not with what a length announces", () => {
  const buffer = new FrameBuffer();
  feed(buffer, prefix(MAX_V2_FRAME_BYTES), Infinity);
  assertLessOrEqual(buffer.writable().length, INITIAL_BYTES);
  let arrived = PREFIX_BYTES;
  while (arrived < 1024 * 1024) {
    const room = buffer.writable().length;
    assertGreater(room, 0);
    assertLessOrEqual(arrived + room, Math.max(INITIAL_BYTES, 2 * arrived));
    buffer.advance(room);
    arrived += room;
  }
});

const LIMITS = [
  { name: "v2", limit: MAX_V2_FRAME_BYTES },
  { name: "v1", limit: MAX_V1_FRAME_BYTES },
  { name: "a limit of 1", limit: 1 },
];

for (const { name, limit } of LIMITS) {
  Deno.test(`FrameBuffer.nextLength() takes a length at the limit (${name})`, () => {
    const buffer = new FrameBuffer();
    buffer.maxFrameBytes = limit;
    feed(buffer, prefix(limit), 1);
    assertEquals(buffer.nextLength(), limit);
  });

  Deno.test(`FrameBuffer.next() throws on the 4th byte of a length over the limit (${name})`, () => {
    const buffer = new FrameBuffer();
    buffer.maxFrameBytes = limit;
    const bytes = prefix(limit + 1);
    feed(buffer, bytes.subarray(0, 3), 1);
    const error = assertThrows(() => feed(buffer, bytes.subarray(3), 1), FrameError);
    assertEquals(error.code, "FRAME_TOO_LARGE");
    assertLessOrEqual(buffer.writable().length, INITIAL_BYTES);
  });
}

Deno.test("FrameBuffer.next() throws for the largest length a prefix can say", () => {
  const error = assertThrows(() => feed(new FrameBuffer(), prefix(0xffff_ffff), 1), FrameError, "4294967295");
  assertEquals(error.code, "FRAME_TOO_LARGE");
});

Deno.test("FrameBuffer.next() throws for a length of 0", () => {
  const error = assertThrows(() => feed(new FrameBuffer(), prefix(0), 1), FrameError);
  assertEquals(error.code, "FRAME_EMPTY");
});

Deno.test("FrameBuffer.next() throws for a bad length behind good frames, after giving these", () => {
  const buffer = new FrameBuffer();
  const bytes = Uint8Array.from([...encodeFrame(bodyOf(2, 1)), ...prefix(0)]);
  const target = buffer.writable();
  target.set(bytes);
  buffer.advance(bytes.length);
  assertEquals(buffer.next()?.slice(), bodyOf(2, 1));
  assertThrows(() => buffer.next(), FrameError);
});

Deno.test("FrameBuffer.firstBodyByte is there from the fifth byte on", () => {
  const buffer = new FrameBuffer();
  const bytes = encodeFrame(Uint8Array.of(0x7b, 0x7d));
  for (let count = 1; count <= bytes.length; count++) {
    const target = buffer.writable();
    target.set(bytes.subarray(count - 1, count));
    buffer.advance(1);
    assertEquals(buffer.firstBodyByte, count > PREFIX_BYTES ? 0x7b : undefined, `${count} bytes`);
    assertEquals(buffer.partial, true);
  }
});

Deno.test("FrameBuffer.release() leaves its memory to the next, which sees nothing of what was in it", () => {
  const before = new FrameBuffer();
  feed(before, encodeFrame(bodyOf(100, 1)).subarray(0, 50), Infinity);
  const memory = before.writable().buffer;
  before.release();
  assert(!before.partial);
  const next = new FrameBuffer();
  assertEquals(next.writable().buffer, memory);
  assertEquals([next.partial, next.firstBodyByte, next.nextLength(), next.next()], [
    false,
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(feed(next, encodeFrame(bodyOf(7, 2)), 1), [bodyOf(7, 2)]);
});

Deno.test("FrameBuffer.release() leaves its memory to one other alone, however often it is called", () => {
  const before = new FrameBuffer();
  before.release();
  before.release();
  assert(new FrameBuffer().writable().buffer !== new FrameBuffer().writable().buffer);
});

Deno.test("FrameBuffer leaves memory that has grown to one that grows as much, and to no other", () => {
  const frame = encodeFrame(bodyOf(9 * INITIAL_BYTES, 1));
  const memoryOf = (buffer: FrameBuffer) => {
    feed(buffer, frame.subarray(0, -1), Infinity);
    assertEquals(buffer.capacity, 16 * INITIAL_BYTES);
    return buffer.writable().buffer;
  };
  const released = new FrameBuffer();
  const finished = new FrameBuffer();
  const grown = [memoryOf(released), memoryOf(finished)];
  released.release();
  assertEquals(released.capacity, 0);
  feed(finished, frame.subarray(-1), Infinity);
  assertEquals(finished.writable().length, INITIAL_BYTES);
  assertEquals(Array.from({ length: 100 }, () => new FrameBuffer().capacity), Array(100).fill(INITIAL_BYTES));
  const next = [memoryOf(new FrameBuffer()), memoryOf(new FrameBuffer()), memoryOf(new FrameBuffer())];
  assertEquals(new Set(next).size, 3);
  assertEquals(next.filter((memory) => grown.includes(memory)).length, 2);
});
