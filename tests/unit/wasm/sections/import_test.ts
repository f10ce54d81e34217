import { readImportSection } from "../../../../src/wasm/sections/import.ts";
import { name } from "../assemble.ts";
import { testSection, TYPES } from "./rows.ts";

const ENTRY = [...name("env"), ...name("x")];
const NAMES = { module: "env", name: "x" };

testSection("readImportSection()", 2, (reader) => readImportSection(reader, TYPES), [
  { name: "no import", contents: [0], value: [] },
  {
    name: "a function",
    contents: [1, ...ENTRY, 0, 0],
    value: [{ ...NAMES, type: { kind: "function", params: ["i32"], results: [] } }],
  },
  {
    name: "a table",
    contents: [1, ...ENTRY, 1, 0x70, 1, 2, 3],
    value: [{
      ...NAMES,
      type: { kind: "table", elementType: "funcref", min: 2, max: 3, shared: false, index64: false },
    }],
  },
  {
    name: "a memory",
    contents: [1, ...ENTRY, 2, 0, 1],
    value: [{ ...NAMES, type: { kind: "memory", min: 1, shared: false, index64: false } }],
  },
  {
    name: "a global",
    contents: [1, ...ENTRY, 3, 0x7e, 1],
    value: [{ ...NAMES, type: { kind: "global", valueType: "i64", mutable: true } }],
  },
  { name: "a tag", contents: [1, ...ENTRY, 4, 0, 0], value: [{ ...NAMES, type: { kind: "tag", params: ["i32"] } }] },
  {
    name: "empty names, the same twice",
    contents: [2, 0, 0, 3, 0x7f, 0, 0, 0, 3, 0x7f, 0],
    value: Array(2).fill({ module: "", name: "", type: { kind: "global", valueType: "i32", mutable: false } }),
  },
  {
    name: "a name beyond ASCII",
    contents: [1, ...name("é"), ...name("🚀"), 3, 0x7f, 0],
    value: [{ module: "é", name: "🚀", type: { kind: "global", valueType: "i32", mutable: false } }],
  },
], [
  { name: "an unknown kind", contents: [1, ...ENTRY, 5, 0], says: "an import's kind must be 0 to 4: received 5" },
  {
    name: "a function of a struct's type",
    contents: [1, ...ENTRY, 0, 1],
    says: "must be that of a function type: received 1",
  },
  { name: "a function of no type", contents: [1, ...ENTRY, 0, 3], says: "must be that of a function type: received 3" },
  { name: "a name that is no UTF-8", contents: [1, 1, 0xff, 0, 0, 0], says: "a name must be UTF-8" },
  {
    name: "a name longer than the section",
    contents: [1, 9, 0x65, 0x6e, 0x76],
    says: "a count must fit the 3 bytes that remain: received 9",
  },
], 4);
