import { readStartSection } from "../../../../src/wasm/sections/start.ts";
import { testSection } from "./rows.ts";

testSection("readStartSection()", 8, readStartSection, [
  { name: "an index", contents: [3], value: 3 },
  { name: "the largest index", contents: [0xff, 0xff, 0xff, 0xff, 0x0f], value: 2 ** 32 - 1 },
], [
  { name: "an index of 33 bits", contents: [0xff, 0xff, 0xff, 0xff, 0x1f], says: "an integer must fit 32 bits" },
]);
