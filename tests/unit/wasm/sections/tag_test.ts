import { readTagSection } from "../../../../src/wasm/sections/tag.ts";
import { testSection, TYPES } from "./rows.ts";

testSection("readTagSection()", 13, (reader) => readTagSection(reader, TYPES), [
  { name: "no tag", contents: [0], value: [] },
  {
    name: "tags with and without a value",
    contents: [2, 0, 0, 0, 2],
    value: [{ kind: "tag", params: ["i32"] }, { kind: "tag", params: [] }],
  },
], [
  { name: "an attribute of 1", contents: [1, 1, 0], says: "a tag's attribute must be 0: received 1" },
  { name: "a struct's type", contents: [1, 0, 1], says: "a type index must be that of a function type: received 1" },
], 2);
