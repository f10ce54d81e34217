import { assertEquals, assertThrows } from "@std/assert";
import { parseResult as parseBytes } from "../../src/agent/codec/result.ts";
import { GuestError } from "../../src/errors.ts";

const parseResult = (text: string) => parseBytes(new TextEncoder().encode(text)).decision;

const TAKEN = [
  {
    name: "a lone surrogate in a field that means nothing",
    text: '{"decision":"allow","later":{"\\ud800":"\\udc00"}}',
  },
  { name: "a key and the same key with a space in front", text: '{"decision":"allow","tags":[]," tags":null}' },
];

for (const { name, text } of TAKEN) {
  Deno.test(`parseResult(): ${name} is taken`, () => assertEquals(parseResult(text).verdict, { kind: "allow" }));
}

const DEPTH = 100_000;

Deno.test("parseResult(): nesting deeper than the stack is taken, or refused as a bad result", () => {
  const text = `{"decision":"alow","x":${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}}`;
  assertEquals(assertThrows(() => parseResult(text), GuestError).code, "GUEST_BAD_RESULT");
});
