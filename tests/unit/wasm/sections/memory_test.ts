import { readMemorySection } from "../../../../src/wasm/sections/memory.ts";
import { testSection } from "./rows.ts";

/** 2^32 - 1 and 2^64 - 1, in the longest form of their width. */
const MOST_32 = [0xff, 0xff, 0xff, 0xff, 0x0f];
const MOST_64 = [...Array(9).fill(0xff), 0x01];

const memory = (min: number, rest: { max?: number; shared?: boolean; index64?: boolean } = {}) => (
  { kind: "memory" as const, shared: false, index64: false, min, ...rest }
);

testSection("readMemorySection()", 5, readMemorySection, [
  { name: "no memory", contents: [0], value: [] },
  {
    name: "memories with and without a maximum",
    contents: [2, 0, 1, 1, 2, 3],
    value: [memory(1), memory(2, { max: 3 })],
  },
  { name: "a shared memory", contents: [1, 3, 1, 2], value: [memory(1, { max: 2, shared: true })] },
  { name: "a 64-bit memory", contents: [1, 5, 1, 2], value: [memory(1, { max: 2, index64: true })] },
  {
    name: "all flags, which are 7",
    contents: [1, 7, 1, 2],
    value: [memory(1, { max: 2, shared: true, index64: true })],
  },
  {
    name: "the largest limits of 32 bits",
    contents: [1, 1, ...MOST_32, ...MOST_32],
    value: [memory(2 ** 32 - 1, { max: 2 ** 32 - 1 })],
  },
  {
    name: "the largest limit of 64 bits, rounded",
    contents: [1, 4, ...MOST_64],
    value: [memory(2 ** 64, { index64: true })],
  },
], [
  { name: "flags above 7", contents: [1, 8, 1], says: "the flags of limits must be 0 to 7: received 8" },
  { name: "a limit of 33 bits", contents: [1, 0, 0xff, 0xff, 0xff, 0xff, 0x1f], says: "an integer must fit 32 bits" },
  { name: "a limit of 65 bits", contents: [1, 4, ...Array(9).fill(0xff), 0x02], says: "an integer must fit 64 bits" },
], 2);
