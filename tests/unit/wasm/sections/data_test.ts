import { readDataSizes } from "../../../../src/wasm/sections/data.ts";
import { leb } from "../assemble.ts";
import { testSection } from "./rows.ts";

const OFFSET = [0x41, 0, 0x0b];

testSection("readDataSizes()", 11, readDataSizes, [
  { name: "no segment", contents: [0], value: [] },
  {
    name: "active, passive and with its memory",
    contents: [3, 0, ...OFFSET, 1, 9, 1, 0, 2, 1, ...OFFSET, 2, 9, 9],
    value: [1, 0, 2],
  },
  { name: "an offset that is computed", contents: [1, 0, 0x41, 1, 0x41, 2, 0x6a, 0x0b, 0], value: [0] },
  { name: "a size of more than one byte", contents: [1, 1, ...leb(200), ...Array(200).fill(0x0b)], value: [200] },
], [
  { name: "flags of 3", contents: [1, 3, 0], says: "the flags of a data segment must be 0 to 2: received 3" },
  {
    name: "more bytes than follow",
    contents: [1, 1, 2, 0],
    says: "a count must fit the 1 bytes that remain: received 2",
  },
], 2);
