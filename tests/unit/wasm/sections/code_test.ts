import { assertEquals, assertThrows } from "@std/assert";
import { ModuleError } from "../../../../src/errors.ts";
import { Reader } from "../../../../src/wasm/reader.ts";
import { readCodeSection, readLocals } from "../../../../src/wasm/sections/code.ts";
import { testSection } from "./rows.ts";

/** The bytes of each body, and the number that it was given. */
function bodies(reader: Reader): { number: number; bytes: number[] }[] {
  const found: { number: number; bytes: number[] }[] = [];
  const count = readCodeSection(reader, (start, end, number) => {
    found.push({ number, bytes: [...reader.bytes.subarray(start, end)] });
  });
  assertEquals(found.length, count);
  return found;
}

testSection("readCodeSection()", 10, bodies, [
  { name: "no body", contents: [0], value: [] },
  {
    name: "bodies of different sizes",
    contents: [2, 2, 0, 0x0b, 4, 1, 1, 0x7f, 0x0b],
    value: [{ number: 0, bytes: [0, 0x0b] }, { number: 1, bytes: [1, 1, 0x7f, 0x0b] }],
  },
], [
  {
    name: "a body longer than the section",
    contents: [1, 3, 0, 0x0b],
    says: "a count must fit the 2 bytes that remain: received 3",
  },
], 3);

const locals = (...bytes: number[]) => readLocals(new Reader(Uint8Array.from(bytes), "code section"));

Deno.test("readLocals() sums the runs, and leaves the reader on the code", () => {
  assertEquals(locals(0), 0);
  assertEquals(locals(2, 3, 0x7f, 0x80, 1, 0x63, 0), 131);
  const reader = new Reader(Uint8Array.of(1, 1, 0x7f, 0x0b), "code section");
  readLocals(reader);
  assertEquals(reader.pos, 3);
});

for (
  const { name, bytes, says } of [
    { name: "more runs than bytes", bytes: [2, 1, 0x7f], says: "a count must fit the 2 bytes that remain: received 2" },
    { name: "a cut run", bytes: [1, 0x80, 0x80], says: "another byte must follow" },
    { name: "a packed local", bytes: [1, 1, 0x78], says: "a value type must be one of WebAssembly 3.0" },
  ]
) {
  Deno.test(`readLocals() refuses ${name}`, () => {
    assertThrows(() => locals(...bytes), ModuleError, says);
  });
}
