import { assertEquals, assertThrows } from "@std/assert";
import { ModuleError } from "../../../../src/errors.ts";
import { readTypeSection } from "../../../../src/wasm/sections/type.ts";
import { leb } from "../assemble.ts";
import { readerOf, testSection } from "./rows.ts";

const VOID = { kind: "function", params: [], results: [] } as const;

testSection("readTypeSection()", 1, (reader) => readTypeSection(reader).types, [
  { name: "no type", contents: [0], value: [] },
  {
    name: "functions with parameters and results",
    contents: [2, 0x60, 0, 0, 0x60, 2, 0x7f, 0x7e, 1, 0x7d],
    value: [VOID, { kind: "function", params: ["i32", "i64"], results: ["f32"] }],
  },
  {
    name: "a struct of a packed and a mutable field",
    contents: [1, 0x5f, 2, 0x78, 0, 0x7f, 1],
    value: [{ kind: "struct" }],
  },
  { name: "an array of a packed type", contents: [1, 0x5e, 0x77, 1], value: [{ kind: "array", element: "i16" }] },
  { name: "an open subtype", contents: [1, 0x50, 0, 0x60, 0, 0], value: [VOID] },
  { name: "a final subtype of another", contents: [2, 0x60, 0, 0, 0x4f, 1, 0, 0x60, 0, 0], value: [VOID, VOID] },
  {
    name: "a recursion group",
    contents: [1, 0x4e, 2, 0x5e, 0x63, 1, 0, 0x5e, 0x64, 0, 0],
    value: [{ kind: "array", element: "(ref null 1)" }, { kind: "array", element: "(ref 0)" }],
  },
  { name: "an empty recursion group", contents: [1, 0x4e, 0], value: [] },
], [
  { name: "an unknown form", contents: [1, 0x61, 0], says: "must be a function, struct or array: received 0x61" },
  {
    name: "a subtype without a type",
    contents: [1, 0x50, 0, 0x50, 0],
    says: "must be a function, struct or array: received 0x50",
  },
  { name: "a packed parameter", contents: [1, 0x60, 1, 0x78, 0], says: "a value type must be one of WebAssembly 3.0" },
  { name: "more parameters than bytes", contents: [1, 0x60, 3, 0x7f, 0], says: "received 3" },
], 2);

Deno.test("readTypeSection() tells where entries stand, and how many types each makes", () => {
  const reader = readerOf(1, [2, 0x60, 0, 0, 0x4e, 2, 0x5f, 0, 0x5f, 0]);
  const start = reader.pos + 1;
  assertEquals(readTypeSection(reader).entries, [
    { start, end: start + 3, members: 1 },
    { start: start + 3, end: start + 9, members: 2 },
  ]);
});

Deno.test("readTypeSection() takes 100,000 types in recursion groups and refuses one more", () => {
  const group = (types: number) => [0x4e, ...leb(types)].concat(Array(types).fill([0x5f, 0]).flat());
  const groups = (last: number) => [2, ...group(60_000)].concat(group(last));
  assertEquals(readTypeSection(readerOf(1, groups(40_000))).types.length, 100_000);
  const { code } = assertThrows(() => readTypeSection(readerOf(1, groups(40_001))), ModuleError);
  assertEquals(code, "MODULE_TOO_LARGE");
});
