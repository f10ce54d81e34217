import { assertEquals, assertNotStrictEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ResultCache } from "../../../src/agent/result_cache.ts";
import { GuestError } from "../../../src/errors.ts";

const MAX_TEXTS = 512;
const MAX_TEXT_LENGTH = 4096;

function text(tag: string): string {
  return JSON.stringify({ decision: "allow", tags: [tag] });
}

/** A valid text of exactly `length` characters. */
function textOf(length: number): string {
  const shortest = text("").length;
  return text("x".repeat(length - shortest));
}

Deno.test("ResultCache.accept() parses a text once while it is remembered", () => {
  const { accept } = new ResultCache();
  const first = accept(text("a"));
  accept(text("b"));
  assertStrictEquals(accept(text("a")), first);
  assertEquals(first.tags, ["a"]);
});

Deno.test("ResultCache.accept() tells texts apart that mean the same", () => {
  const { accept } = new ResultCache();
  const first = accept('{"decision":"allow"}');
  const second = accept('{"decision": "allow"}');
  assertNotStrictEquals(first, second);
  assertEquals(first, second);
});

const LENGTHS = [
  { length: MAX_TEXT_LENGTH, remembered: true },
  { length: MAX_TEXT_LENGTH + 1, remembered: false },
];

for (const { length, remembered } of LENGTHS) {
  Deno.test(`ResultCache.accept() ${remembered ? "remembers" : "forgets"} a text of ${length} characters`, () => {
    const { accept } = new ResultCache();
    const long = textOf(length);
    assertEquals(long.length, length);
    assertEquals(accept(long) === accept(long), remembered);
    assertEquals(accept(long), accept(long));
  });
}

const COUNTS = [
  { count: MAX_TEXTS, remembered: true },
  { count: MAX_TEXTS + 1, remembered: false },
];

for (const { count, remembered } of COUNTS) {
  Deno.test(`ResultCache.accept() ${remembered ? "still knows" : "has forgotten"} the first of ${count} texts`, () => {
    const { accept } = new ResultCache();
    const first = accept(text("0"));
    for (let index = 1; index < count; index++) accept(text(String(index)));
    assertEquals(accept(text("0")) === first, remembered);
    assertEquals(accept(text("0")).tags, ["0"]);
  });
}

Deno.test("ResultCache.accept() refuses a bad text each time, and goes on", () => {
  const { accept } = new ResultCache();
  for (let round = 0; round < 2; round++) {
    assertEquals(assertThrows(() => accept('{"decision":"alow"}'), GuestError).code, "GUEST_BAD_RESULT");
  }
  assertEquals(accept(text("a")).tags, ["a"]);
});
