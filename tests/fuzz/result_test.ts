import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseResult } from "../../src/agent/codec/result.ts";
import { GuestError } from "../../src/errors.ts";
import { checkDecision } from "./decision_check.ts";
import { RUNS } from "./runs.ts";

/** True if `text` was taken. */
function tryResult(text: string): boolean {
  // A lone surrogate in the text itself has no bytes.
  const sent = text.toWellFormed();
  let decision;
  try {
    decision = parseResult(new TextEncoder().encode(sent)).decision;
  } catch (error) {
    assert(error instanceof GuestError, String(error));
    assertEquals(error.code, "GUEST_BAD_RESULT");
    return false;
  }
  checkDecision(decision, sent);
  return true;
}

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 10 }),
  fc.string({ maxLength: 10 }),
  fc.constantFrom("", "a\r\nb", "\u0000", "\ud800", "é", "x-a", "X-A", "__proto__", ":path", "https://example.com/"),
);
const anything = fc.jsonValue({ maxDepth: 2 });
const names = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("x-a", "X-B", "c", "__proto__", "constructor", "1", "!~") },
  { weight: 1, arbitrary: hostile },
);
const values = fc.oneof({ weight: 5, arbitrary: fc.constantFrom("", "a", "\t", "é 😀") }, {
  weight: 1,
  arbitrary: hostile,
});

/** `good`, and now and then anything at all. */
function mostly<T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: anything });
}

const fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  decision: mostly(fc.constantFrom("allow", "block", "deny", "redirect", "redirect", "alow")),
  status: mostly(fc.oneof(fc.constantFrom(200, 302, 307, 399, 403, 599, 199, 600), fc.integer(), fc.double())),
  body: mostly(fc.oneof(fc.constantFrom("/x", "https://example.com/", "Forbidden"), hostile)),
  add_request_headers: mostly(fc.dictionary(names, values, { maxKeys: 3 })),
  remove_request_headers: mostly(fc.array(names, { maxLength: 3 })),
  add_response_headers: mostly(fc.dictionary(names, values, { maxKeys: 3 })),
  remove_response_headers: mostly(fc.array(names, { maxLength: 3 })),
  tags: mostly(fc.array(hostile, { maxLength: 3 })),
  later: anything,
};
const NAMES = Object.keys(fields);

/** Results as text, key by key: a key may come twice, or in escapes. */
const resultText = fc.array(
  fc.constantFrom(...NAMES).chain((name) =>
    fc.tuple(fc.constant(name), fields[name]!, fc.integer({ min: 0, max: 19 }))
  ),
  { maxLength: 5 },
).chain((rest) =>
  fc.tuple(fields.decision!, fc.boolean()).map(([decision, first]) => {
    const own: (readonly [string, unknown, number])[] = first ? [["decision", decision, 1], ...rest] : rest;
    const entries = own.map(([name, value, how]) => {
      const key = JSON.stringify(name);
      const escaped = how === 0 ? `"\\u00${name.charCodeAt(0).toString(16)}${key.slice(2)}` : key;
      return `${escaped}${how % 2 === 0 ? " : " : ":"}${JSON.stringify(value)}`;
    });
    return `{${entries.join(",")}}`;
  })
);

Deno.test("parseResult() makes a sound decision of a result or refuses it", () => {
  let taken = 0;
  fc.assert(
    fc.property(resultText, (text) => {
      if (tryResult(text)) taken++;
    }),
    { numRuns: 20 * RUNS },
  );
  // A generator whose results are all refused would prove nothing.
  assert(taken > RUNS, `only ${taken} were taken`);
});

Deno.test("parseResult() makes a sound decision of a damaged result or refuses it", () => {
  const damage = fc.tuple(
    fc.nat(),
    fc.nat(4),
    fc.oneof(fc.constantFrom(...'"\\{}[]:,\u0000 '), fc.string({ maxLength: 3 })),
  );
  fc.assert(
    fc.property(resultText, fc.array(damage, { minLength: 1, maxLength: 3 }), (text, list) => {
      let damaged = text;
      for (const [at, count, added] of list) {
        const from = at % damaged.length || 0;
        damaged = damaged.slice(0, from) + added + damaged.slice(from + count);
      }
      tryResult(damaged);
    }),
    { numRuns: 20 * RUNS },
  );
});

Deno.test("parseResult() refuses arbitrary text", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
      assertEquals(tryResult(text), false);
    }),
    { numRuns: 10 * RUNS },
  );
});
