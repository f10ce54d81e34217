import { readGlobalSection } from "../../../../src/wasm/sections/global.ts";
import { testSection } from "./rows.ts";

const global = (valueType: string, mutable: boolean, allocates = false) => (
  { type: { kind: "global" as const, valueType, mutable }, allocates }
);

testSection("readGlobalSection()", 6, readGlobalSection, [
  { name: "no global", contents: [0], value: [] },
  {
    name: "a constant and a variable",
    contents: [2, 0x7f, 0, 0x41, 1, 0x0b, 0x7c, 1, 0x44, 0, 0, 0, 0, 0, 0, 0x0b, 0, 0x0b],
    value: [global("i32", false), global("f64", true)],
  },
  {
    name: "a value that is computed",
    contents: [1, 0x7f, 0, 0x41, 1, 0x41, 2, 0x6a, 0x0b],
    value: [global("i32", false)],
  },
  {
    name: "a value made on the heap",
    contents: [1, 0x64, 0, 0, 0xfb, 1, 0, 0x0b],
    value: [global("(ref 0)", false, true)],
  },
], [
  {
    name: "a mutability of 2",
    contents: [1, 0x7f, 2, 0x41, 0, 0x0b],
    says: "a global's mutability must be 0 or 1: received 2",
  },
  { name: "a packed type", contents: [1, 0x78, 0, 0x41, 0, 0x0b], says: "a value type must be one of WebAssembly 3.0" },
], 3);
