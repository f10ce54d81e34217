import { assertEquals } from "@std/assert";
import { readTableSection } from "../../../../src/wasm/sections/table.ts";
import { readerOf, testSection } from "./rows.ts";

const LIMITS = { shared: false, index64: false };

testSection(
  "readTableSection()",
  4,
  (reader) => readTableSection(reader).map(({ type, allocates }) => ({ ...type, allocates })),
  [
    { name: "no table", contents: [0], value: [] },
    {
      name: "tables with and without a maximum",
      contents: [2, 0x70, 0, 1, 0x6f, 1, 2, 3],
      value: [
        { kind: "table", elementType: "funcref", min: 1, ...LIMITS, allocates: false },
        { kind: "table", elementType: "externref", min: 2, max: 3, ...LIMITS, allocates: false },
      ],
    },
    {
      name: "a table with 64-bit indices",
      contents: [1, 0x70, 5, 1, 2],
      value: [{ kind: "table", elementType: "funcref", min: 1, max: 2, ...LIMITS, index64: true, allocates: false }],
    },
    {
      name: "a table that is filled, with a function",
      contents: [1, 0x40, 0, 0x70, 0, 1, 0xd2, 0, 0x0b],
      value: [{ kind: "table", elementType: "funcref", min: 1, ...LIMITS, allocates: false }],
    },
    {
      name: "a table that is filled from the heap",
      contents: [1, 0x40, 0, 0x63, 0, 0, 1, 0xfb, 1, 0, 0x0b],
      value: [{ kind: "table", elementType: "(ref null 0)", min: 1, ...LIMITS, allocates: true }],
    },
  ],
  [
    {
      name: "a byte other than 0 after 0x40",
      contents: [1, 0x40, 1, 0x70, 0, 1],
      says: "0 must follow 0x40 in a table",
    },
    {
      name: "an element type of nothing known",
      contents: [1, 0x3f, 0, 1],
      says: "a value type must be one of WebAssembly 3.0",
    },
    { name: "flags above 7", contents: [1, 0x70, 8, 1], says: "the flags of limits must be 0 to 7: received 8" },
    {
      name: "a value that does not end",
      contents: [1, 0x40, 0, 0x70, 0, 1, 0xd2, 0],
      says: "another byte must follow",
    },
  ],
  3,
);

Deno.test("readTableSection() tells where the limits of a table stand", () => {
  const reader = readerOf(4, [1, 0x40, 0, 0x70, 1, 1, 2, 0xd2, 0, 0x0b]);
  const start = reader.pos + 1;
  const [table] = readTableSection(reader);
  assertEquals(
    [table?.start, table?.limitsStart, table?.limitsEnd, table?.end],
    [start, start + 3, start + 6, start + 9],
  );
});
