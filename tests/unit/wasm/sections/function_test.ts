import { readFunctionSection } from "../../../../src/wasm/sections/function.ts";
import { testSection, TYPES } from "./rows.ts";

testSection("readFunctionSection()", 3, (reader) => readFunctionSection(reader, TYPES), [
  { name: "no function", contents: [0], value: [] },
  {
    name: "functions of two types, one index padded",
    contents: [3, 0, 2, 0x82, 0x00],
    value: [
      { kind: "function", params: ["i32"], results: [] },
      { kind: "function", params: [], results: ["i64"] },
      { kind: "function", params: [], results: ["i64"] },
    ],
  },
], [
  { name: "a struct's type", contents: [1, 1], says: "a type index must be that of a function type: received 1" },
  { name: "the index one past the last type", contents: [1, 3], says: "received 3" },
], 1);
