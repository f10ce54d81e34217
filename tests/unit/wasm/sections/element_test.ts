import { assertEquals, assertThrows } from "@std/assert";
import { ModuleError } from "../../../../src/errors.ts";
import { readElementSection } from "../../../../src/wasm/sections/element.ts";
import { leb } from "../assemble.ts";
import { readerOf, testSection } from "./rows.ts";

const OFFSET = [0x41, 0, 0x0b];
const FUNCTION = [0xd2, 0, 0x0b];
const STRUCT = [0xfb, 1, 0, 0x0b];

testSection("readElementSection()", 9, readElementSection, [
  { name: "no segment", contents: [0], value: [] },
  ...[
    { flags: 0, what: "an active one of indices", rest: [...OFFSET, 2, 0, 1] },
    { flags: 1, what: "a passive one of indices", rest: [0, 2, 0, 1] },
    { flags: 2, what: "an active one with its table", rest: [1, ...OFFSET, 0, 2, 0, 1] },
    { flags: 3, what: "a declared one of indices", rest: [0, 2, 0, 1] },
    { flags: 4, what: "an active one of expressions", rest: [...OFFSET, 2, ...FUNCTION, ...FUNCTION] },
    { flags: 5, what: "a passive one of expressions", rest: [0x70, 2, ...FUNCTION, ...FUNCTION] },
    { flags: 6, what: "an active one of a type", rest: [1, ...OFFSET, 0x70, 2, ...FUNCTION, ...FUNCTION] },
    { flags: 7, what: "a declared one of expressions", rest: [0x70, 2, ...FUNCTION, ...FUNCTION] },
  ].map(({ flags, what, rest }) => ({
    name: `flags ${flags}, ${what}`,
    contents: [1, flags, ...rest],
    value: [{ entries: 2, allocates: false }],
  })),
  {
    name: "entries made on the heap",
    contents: [2, 5, 0x6e, 1, ...STRUCT, 1, 0, 0],
    value: [{ entries: 1, allocates: true }, { entries: 0, allocates: false }],
  },
], [
  { name: "flags of 8", contents: [1, 8, 0, 0], says: "the flags of an element segment must be 0 to 7: received 8" },
  {
    name: "more entries than bytes",
    contents: [1, 1, 0, 2, 0],
    says: "a count must fit the 1 bytes that remain: received 2",
  },
  { name: "an offset that does not end", contents: [1, 0, 0x41, 0], says: "another byte must follow" },
], 3);

/** Entries of a segment with these flags, each the index 0. */
const entries = (flags: number, count: number) => {
  const before = flags === 0 ? [flags, ...OFFSET] : [flags, 0];
  return [1, ...before, ...leb(count)].concat(Array(count).fill(0));
};

for (
  const { what, flags, most } of [
    { what: "entries of a passive segment", flags: 1, most: 50_000 },
    { what: "entries of an active segment", flags: 0, most: 300_000 },
    { what: "entries of a declared segment", flags: 3, most: 300_000 },
  ]
) {
  Deno.test(`readElementSection() takes ${most} ${what} and refuses one more`, () => {
    assertEquals(readElementSection(readerOf(9, entries(flags, most))), [{ entries: most, allocates: false }]);
    const { code } = assertThrows(() => readElementSection(readerOf(9, entries(flags, most + 1))), ModuleError);
    assertEquals(code, "MODULE_TOO_LARGE");
  });
}
