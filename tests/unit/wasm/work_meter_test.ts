import { assertEquals, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { BodyScanner } from "../../../src/wasm/body_scanner.ts";
import { instrumentModule } from "../../../src/wasm/mod.ts";
import type { BodyCost } from "../../../src/wasm/work_meter.ts";
import type { FunctionType } from "../../../src/wasm/mod.ts";
import { assemble, leb, name, section, sectionOf } from "./assemble.ts";

const pair: FunctionType = { kind: "function", params: ["i32"], results: ["i32", "i32"] };
const signatures = {
  types: [pair],
  functions: [pair],
  tags: [{ kind: "tag", params: ["i32", "i32", "i32"] }],
} as const;

function costOf(code: readonly number[], params = 0, locals: readonly number[] = [0]): BodyCost {
  const body = new Uint8Array([...locals, ...code, 0x0b]);
  const scanner = new BodyScanner(signatures);
  scanner.scan(body, 0, body.length, params);
  return scanner.cost;
}

const heights = [
  { name: "nothing", code: [], height: 0 },
  { name: "two operands", code: [0x41, 0, 0x41, 0], height: 2 },
  { name: "a sum", code: [0x41, 0, 0x41, 0, 0x6a], height: 1 },
  { name: "a store", code: [0x41, 0, 0x41, 0, 0x36, 2, 0], height: 0 },
  { name: "a call with two results", code: [0x41, 0, 0x10, 0], height: 2 },
  { name: "an indirect call", code: [0x41, 0, 0x41, 0, 0x11, 0, 0], height: 2 },
  { name: "a closed block with one result", code: [0x02, 0x7f, 0x41, 0, 0x41, 0, 0x1a, 0x0b], height: 1 },
  { name: "a block whose end drops what it left", code: [0x02, 0x40, 0x41, 0, 0x00, 0x0b], height: 0 },
  { name: "an else, which begins anew", code: [0x41, 0, 0x04, 0x40, 0x41, 0, 0x00, 0x05, 0x0b], height: 0 },
  { name: "a caught tag's values", code: [0x06, 0x40, 0x07, 0], height: 3 },
  { name: "memory.fill", code: [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0], height: 0 },
];

for (const { name, code, height } of heights) {
  Deno.test(`WorkMeter counts the operands on the stack after ${name}`, () => {
    const end = name.includes("caught") ? [0x0b] : [];
    const branch = costOf([...code, 0x41, 0, 0x0d, 0, ...end]);
    const none = costOf([...code, 0x41, 0, 0x1a, ...end]);
    assertEquals(branch.work - none.work, height);
  });
}

Deno.test("WorkMeter counts parameters and locals once, at each block and branch, and at each probe", () => {
  // The body itself, its first probe, the block, the branch.
  assertEquals(costOf([0x02, 0x40, 0x41, 0, 0x0d, 0, 0x0b], 3, [1, 7, 0x7f]).work, 40);
  // The probe after the head of a loop.
  assertEquals(costOf([0x03, 0x40, 0x0b], 3, [1, 7, 0x7f]).work, 40);
});

Deno.test("WorkMeter counts for a call a sixteenth of a branch, and each value passed", () => {
  assertEquals(costOf([0x10, 0], 3, [1, 13, 0x7f]).work - costOf([0x41, 0, 0x1a], 3, [1, 13, 0x7f]).work, 1 + 3);
});

/** What is counted beside the work, for one body each. */
const counts = [
  { name: "branches to one label", code: [0x02, 0x40, 0x0c, 0, 0x0d, 0, 0x0c, 1, 0x0b], cost: { edges: 2 } },
  { name: "each entry of a br_table and its default", code: [0x02, 0x40, 0x0e, 2, 0, 1, 0, 0x0b], cost: { edges: 2 } },
  {
    name: "branches to a loop's head",
    code: [0x03, 0x40, 0x0d, 0, 0x0d, 0, 0x0d, 0, 0x0b],
    cost: { edges: 3, loops: 1 },
  },
  {
    name: "branches on null and on casts",
    code: [0x02, 0x40, 0xd5, 0, 0xd6, 0, 0xfb, 24, 3, 0, 0x6d, 0x6d, 0x0b],
    cost: { edges: 3 },
  },
  {
    name: "labels from within blocks",
    code: [0x02, 0x40, 0x02, 0x40, 0x0c, 1, 0x0b, 0x0c, 0, 0x0b],
    cost: { edges: 2 },
  },
  {
    name: "catch clauses by the label outside",
    code: [0x02, 0x40, 0x1f, 0x40, 2, 0, 0, 0, 2, 0, 0x0b, 0x0b],
    cost: { edges: 2 },
  },
  { name: "calls in a try_table", code: [0x1f, 0x40, 0, 0x10, 0, 0x11, 0, 0, 0x14, 0, 0x0b], cost: { unwinds: 3 } },
  { name: "throws in a try", code: [0x06, 0x40, 0x08, 0, 0x0a, 0x19, 0x09, 0, 0x0b], cost: { unwinds: 2 } },
  { name: "no call in a catch", code: [0x06, 0x40, 0x07, 0, 0x10, 0, 0x19, 0x10, 0, 0x0b], cost: { unwinds: 0 } },
  { name: "no tail call", code: [0x1f, 0x40, 0, 0x12, 0, 0x0b], cost: { unwinds: 0 } },
  {
    name: "what an inner try may pass on",
    code: [0x06, 0x40, 0x06, 0x40, 0x10, 0, 0x0b, 0x06, 0x40, 0x18, 0, 0x19, 0x0b],
    cost: { unwinds: 3 },
  },
  {
    name: "a local set in two blocks for both",
    code: [0x02, 0x40, 0x02, 0x40, 0x21, 0, 0x0b, 0x0b],
    cost: { merges: 2 },
  },
  { name: "a local set twice once", code: [0x02, 0x40, 0x21, 0, 0x22, 0, 0x0b], cost: { merges: 1 } },
  {
    name: "a local set in two blocks one after the other for both",
    code: [0x02, 0x40, 0x21, 0, 0x0b, 0x02, 0x40, 0x21, 0, 0x0b],
    cost: { merges: 2 },
  },
  { name: "no merge for a local set outside of blocks", code: [0x21, 0], cost: { merges: 0 } },
  {
    name: "the calls before each use of a local, whatever the local holds by then",
    code: [0x20, 0, 0x10, 0, 0x20, 0, 0x20, 0, 0x41, 1, 0x21, 0, 0x11, 0, 0, 0x20, 0],
    cost: { crossings: 1 + 1 + 2 },
  },
  { name: "no call in place of a return before a use", code: [0x12, 0, 0x20, 0], cost: { crossings: 0 } },
  { name: "a block's parameters and results", code: [0x02, 0, 0x0b], cost: { merges: 3 } },
];

for (const { name, code, cost } of counts) {
  Deno.test(`WorkMeter counts ${name}`, () => {
    const received = costOf(code, 0, [1, 1, 0x7f]);
    assertEquals({ ...received, ...cost }, received);
  });
}

Deno.test("WorkMeter estimates more nodes where edges to a label cross many table.get than where they do not", () => {
  const gets = Array(100).fill([0x41, 0, 0x25, 0, 0x1a]).flat();
  const edges = Array(100).fill([0x41, 0, 0x0d, 0]).flat();
  const inside = costOf([0x02, 0x40, ...gets, ...edges, 0x0b]).nodes;
  const before = costOf([...gets, 0x02, 0x40, ...edges, 0x0b]).nodes;
  assertEquals(Math.round(inside - before), 100 * 100 * 0.22);
});

Deno.test("BodyScanner puts a probe before the 33rd branch without one between, which no chain of copies then passes", () => {
  const scan = (branches: number) => {
    const code = Array(branches).fill([0x41, 0, 0x04, 0x40, 0x0b]).flat();
    const body = new Uint8Array([0, ...code, 0x0b]);
    const scanner = new BodyScanner(signatures);
    scanner.scan(body, 0, body.length);
    return [...scanner.insertions.offsets];
  };
  assertEquals(scan(32), [1]);
  assertEquals(scan(33), [1, 1 + 32 * 5 + 2]);
  assertEquals(scan(65).length, 2);
  assertEquals(scan(66).length, 3);
});

Deno.test("instrumentModule() refuses 11 KB that V8 compiles for 16 s: operands of 1,000-result calls under 1,000 branches", () => {
  const many = [0, ...Array(1000).fill([0x41, 0]).flat(), 0x0b];
  const branches = Array(1000).fill([0x02, 0x40, 0x41, 0, 0x0d, 0, 0x0b]).flat();
  const body = [0, ...Array(500).fill([0x10, 1]).flat(), ...branches, 0x00, 0x0b];
  const bytes = assemble(
    section(1, 2, 0x60, 0, 0, 0x60, 0, ...leb(1000), ...Array(1000).fill(0x7f)),
    section(3, 2, 0, 1),
    section(7, 1, ...name("run"), 0, 0),
    sectionOf(10, [2, ...leb(body.length), ...body, ...leb(many.length), ...many]),
  );
  const error = assertThrows(
    () => instrumentModule(bytes, { maxMemoryPages: 1, maxTableEntries: 1, allowGc: false }),
    ModuleError,
    "received 1023296905",
  );
  assertEquals(error.code, "MODULE_FUNCTION_TOO_LARGE");
});
