import { assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { parseResult } from "../../../../src/agent/codec/result.ts";
import { ResultCache } from "../../../../src/agent/codec/result_cache.ts";
import { GuestError } from "../../../../src/errors.ts";

const MAX_RESULTS = 512;
const MAX_RESULT_BYTES = 4096;

const encoder = new TextEncoder();
const newCache = () => new ResultCache((result) => parseResult(result).decision);

function text(tag: string): Uint8Array {
  return encoder.encode(JSON.stringify({ decision: "allow", tags: [tag] }));
}

/** A valid result of exactly `length` bytes. */
function textOf(length: number): Uint8Array {
  const shortest = text("").length;
  return text("x".repeat(length - shortest));
}

Deno.test("ResultCache.accept() parses a result once while it is remembered", () => {
  const { accept } = newCache();
  const first = accept(text("a"));
  accept(text("b"));
  assertStrictEquals(accept(text("a")), first);
  assertEquals(first.tags, ["a"]);
});

Deno.test("ResultCache.accept() tells results apart that mean the same", () => {
  const { accept } = newCache();
  const first = accept(encoder.encode('{"decision":"allow"}'));
  const second = accept(encoder.encode('{"decision": "allow"}'));
  assertNotStrictEquals(first, second);
  assertEquals(first, second);
});

const LENGTHS = [
  { length: MAX_RESULT_BYTES, remembered: true },
  { length: MAX_RESULT_BYTES + 1, remembered: false },
];

for (const { length, remembered } of LENGTHS) {
  Deno.test(`ResultCache.accept() ${remembered ? "remembers" : "forgets"} a result of ${length} bytes`, () => {
    const { accept } = newCache();
    const long = textOf(length);
    assertEquals(long.length, length);
    assertEquals(accept(long) === accept(long), remembered);
    assertEquals(accept(long), accept(long));
  });
}

const COUNTS = [
  { count: MAX_RESULTS, remembered: true },
  { count: MAX_RESULTS + 1, remembered: false },
];

for (const { count, remembered } of COUNTS) {
  Deno.test(`ResultCache.accept() ${remembered ? "still knows" : "has forgotten"} the first of ${count} results`, () => {
    const { accept } = newCache();
    const first = accept(text("0"));
    for (let index = 1; index < count; index++) accept(text(String(index)));
    assertEquals(accept(text("0")) === first, remembered);
    assertEquals(accept(text("0")).tags, ["0"]);
  });
}

Deno.test("ResultCache.accept() refuses a bad result each time, and goes on", () => {
  const { accept } = newCache();
  for (let round = 0; round < 2; round++) {
    assertEquals(
      assertThrows(() => accept(encoder.encode('{"decision":"alow"}')), GuestError).code,
      "GUEST_BAD_RESULT",
    );
  }
  assertEquals(accept(text("a")).tags, ["a"]);
});

Deno.test("ResultCache.accept() keeps no hold of the bytes it was given", () => {
  const { accept } = newCache();
  const bytes = text("a");
  accept(bytes);
  bytes.set(text("b"));
  assertEquals(accept(bytes).tags, ["b"]);
  assertEquals(accept(text("a")).tags, ["a"]);
});

const NOT_UTF8 = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80]];

for (const bytes of NOT_UTF8) {
  for (const padding of [0, MAX_RESULT_BYTES]) {
    Deno.test(`ResultCache.accept() refuses bytes ${bytes.join()} within a result of ${padding} bytes and more`, () => {
      const before = encoder.encode(`{"decision":"block","body":"${"x".repeat(padding)}`);
      const result = Uint8Array.of(...before, ...bytes, ...encoder.encode('"}'));
      const error = assertThrows(() => newCache().accept(result), GuestError);
      assertEquals(error.code, "GUEST_BAD_RESULT");
    });
  }
}

Deno.test("ResultCache.accept() refuses a byte order mark, as it does any other character there", () => {
  assertThrows(() => newCache().accept(encoder.encode('\ufeff{"decision":"allow"}')), GuestError);
});

Deno.test("ResultCache.accept() never gives the decision of another result, in many that differ in one byte", () => {
  const { accept } = newCache();
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 5000; index++) assertEquals(accept(text(String(index))).tags, [String(index)]);
  }
});

Deno.test("ResultCache.accept() has one decision for each result, whatever two came before it", () => {
  const { accept } = newCache();
  const tags = ["a", "b", "c"];
  const first = new Map(tags.map((tag) => [tag, accept(text(tag))]));
  for (const tag of ["a", "b", "a", "b", "c", "b", "c", "a", "a", "c", "a", "b"]) {
    assertStrictEquals(accept(text(tag)), first.get(tag));
    assertEquals(accept(text(tag)).tags, [tag]);
  }
});

// Tags whose results have one FNV-1a hash.
const ONE = "329599", OTHER = "532382";

Deno.test("ResultCache.accept() tells two results of one hash apart", () => {
  const { accept } = newCache();
  for (const tag of [ONE, OTHER, ONE]) assertEquals(accept(text(tag)).tags, [tag]);
});

Deno.test("ResultCache.accept() tells two results of one hash apart that stand in the same memory", () => {
  const { accept } = newCache();
  const memory = text(ONE);
  assertEquals(accept(memory).tags, [ONE]);
  memory.set(text(OTHER));
  assertEquals(accept(memory).tags, [OTHER]);
});

Deno.test("ResultCache.accept() tells results of every length apart that differ in one byte, wherever they lie in memory", () => {
  const { accept } = newCache();
  const memory = new Uint8Array(200);
  for (let length = 40; length < 56; length++) {
    for (let place = 0; place < 4; place++) {
      for (const tail of ["", "a", "b", "ab", "ba", "abc", "abd"]) {
        const tag = tail.padStart(length - text("").length, "x");
        memory.set(text(tag), place);
        const first = accept(memory.subarray(place, place + length));
        accept(text("y".repeat(100)));
        assertStrictEquals(accept(memory.subarray(place, place + length)), first);
        assertEquals(first.tags, [tag]);
      }
    }
  }
});

Deno.test("ResultCache.accept() parses a hundred results once each, wherever the two digits stand in which they differ", () => {
  for (let first = 30; first < 38; first++) {
    let parsed = 0;
    const { accept } = new ResultCache((result) => {
      parsed++;
      return parseResult(result).decision;
    });
    for (let round = 0; round < 3; round++) {
      for (let number = 0; number < 100; number++) {
        const [tens, ones] = [Math.floor(number / 10), number % 10];
        const result = textOf(60);
        result[first] = 0x30 + tens;
        result[first + 4] = 0x30 + ones;
        accept(result);
      }
    }
    assertEquals(parsed, 100, `${first}`);
  }
});
