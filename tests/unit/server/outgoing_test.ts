import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { Outgoing } from "../../../src/server/outgoing.ts";
import { frameOf } from "./proxy.ts";

const KEPT_BYTES = 64 * 1024;

const frames = [1, 2, 3, 4].map((length) => frameOf(new Uint8Array(length).fill(length)));

function filled(arrivals: readonly number[]): Outgoing {
  const outgoing = new Outgoing();
  for (const [index, at] of arrivals.entries()) {
    outgoing.bytes.put(frames[index]!);
    outgoing.framed(at);
  }
  return outgoing;
}

for (
  const { arrivals, before, left, earliest } of [
    { arrivals: [], before: 10, left: [], earliest: Infinity },
    { arrivals: [10, 9, 11], before: 10, left: [0, 2], earliest: 10 },
    { arrivals: [9, Infinity, 8, 30], before: 10, left: [1, 3], earliest: 30 },
    { arrivals: [1, 2], before: 10, left: [], earliest: Infinity },
    { arrivals: [Infinity], before: Infinity, left: [0], earliest: Infinity },
  ]
) {
  Deno.test(`Outgoing.dropBefore(${before}) of frames of ${arrivals.join(", ") || "none"} leaves ${left.length}`, () => {
    const outgoing = filled(arrivals);
    assertEquals(outgoing.dropBefore(before), arrivals.length - left.length);
    assertEquals([...outgoing.bytes.written], left.flatMap((index) => [...frames[index]!]));
    assertEquals(outgoing.earliest, earliest);
    outgoing.clear();
    assertEquals([outgoing.bytes.length, outgoing.earliest], [0, Infinity]);
  });
}

Deno.test("Outgoing.release() leaves its memory to the next one, which is empty", () => {
  const before = Outgoing.take();
  before.bytes.put(frames[0]!);
  before.framed(10);
  before.release();
  const next = Outgoing.take();
  assert(next === before);
  assertEquals([next.bytes.length, next.count, next.earliest], [0, 0, Infinity]);
  assert(Outgoing.take() !== next);
});

Deno.test("Outgoing.release() hands no memory on that has grown large", () => {
  const large = Outgoing.take();
  large.bytes.put(new Uint8Array(KEPT_BYTES + 1));
  large.release();
  const taken = Array.from({ length: 100 }, () => Outgoing.take());
  assert(!taken.includes(large));
  for (const { bytes } of taken) assertLessOrEqual(bytes.capacity, KEPT_BYTES);
});
