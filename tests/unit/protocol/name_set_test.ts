import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { MAX_NAMES, NameSet } from "../../../src/protocol/name_set.ts";

const encoder = new TextEncoder();

/** All names in one buffer; for each whether the set took it. */
function addAll(set: NameSet, names: readonly string[]): boolean[] {
  const bytes = encoder.encode(names.join(""));
  const view = new DataView(bytes.buffer);
  let at = 0;
  return names.map((name) => set.add(view, at, at += encoder.encode(name).length));
}

/** The same as a JavaScript set has it. */
function expected(names: readonly string[]): boolean[] {
  const seen = new Set<string>();
  return names.map((name) => {
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
}

const name = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 6 }),
  // Alike in length, first and last four bytes: all in one bucket.
  fc.string({ unit: fc.constantFrom("x", "y"), minLength: 3, maxLength: 3 }).map((middle) => `same${middle}tail`),
  fc.string({ maxLength: 20 }),
);

Deno.test("NameSet.add() tells names apart as a set of strings does, one object after the other", () => {
  const set = new NameSet();
  fc.assert(fc.property(fc.array(name, { maxLength: 60 }), (names) => {
    set.clear();
    assertEquals(addAll(set, names), expected(names));
  }));
});

Deno.test("NameSet.add() takes no more names than an object may have", () => {
  const set = new NameSet();
  const names = Array.from({ length: MAX_NAMES + 1 }, (_, index) => `name-${index}`);
  assertEquals(addAll(set, names).lastIndexOf(true), MAX_NAMES - 1);
  set.clear();
  assertEquals(addAll(set, names)[0], true);
});
