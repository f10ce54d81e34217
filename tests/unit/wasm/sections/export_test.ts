import { ExternKind, readExportSection } from "../../../../src/wasm/sections/export.ts";
import { name } from "../assemble.ts";
import { testSection } from "./rows.ts";

testSection("readExportSection()", 7, readExportSection, [
  { name: "no export", contents: [0], value: [] },
  ...Object.entries(ExternKind).map(([title, kind]) => ({
    name: `a ${title}`,
    contents: [1, ...name("x"), kind, 0x80, 1],
    value: [{ name: "x", kind, index: 128 }],
  })),
  { name: "an empty name", contents: [1, 0, 0, 1], value: [{ name: "", kind: 0, index: 1 }] },
], [
  { name: "a kind of 5", contents: [1, ...name("x"), 5, 0], says: "an export's kind must be 0 to 4: received 5" },
  {
    name: "a name twice",
    contents: [2, ...name("x"), 0, 0, ...name("x"), 1, 0],
    says: 'export names must be unique: received "x" again',
  },
], 3);
