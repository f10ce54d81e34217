import { assertEquals, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { BodyScanner } from "../../../src/wasm/body_scanner.ts";
import { instrumentModule } from "../../../src/wasm/mod.ts";
import type { FunctionType } from "../../../src/wasm/mod.ts";
import { assemble, leb, name, section, sectionOf } from "./assemble.ts";

const pair: FunctionType = { kind: "function", params: ["i32"], results: ["i32", "i32"] };
const signatures = {
  types: [pair],
  functions: [pair],
  tags: [{ kind: "tag", params: ["i32", "i32", "i32"] }],
} as const;

/** Each row ends in `br_if 0`, whose work is the locals and operands below its condition. */
const heights = [
  { name: "nothing", code: [0x41, 0, 0x0d, 0], work: 0 },
  { name: "two operands", code: [0x41, 0, 0x41, 0, 0x41, 0, 0x0d, 0], work: 2 },
  { name: "a sum", code: [0x41, 0, 0x41, 0, 0x6a, 0x41, 0, 0x0d, 0], work: 1 },
  { name: "a store", code: [0x41, 0, 0x41, 0, 0x36, 2, 0, 0x41, 0, 0x0d, 0], work: 0 },
  { name: "a call with two results", code: [0x41, 0, 0x10, 0, 0x41, 0, 0x0d, 0], work: 2 },
  { name: "an indirect call", code: [0x41, 0, 0x41, 0, 0x11, 0, 0, 0x41, 0, 0x0d, 0], work: 2 },
  {
    name: "a closed block with one result",
    code: [0x02, 0x7f, 0x41, 0, 0x41, 0, 0x1a, 0x0b, 0x41, 0, 0x0d, 0],
    work: 1,
  },
  { name: "a block whose end drops what it left", code: [0x02, 0x40, 0x41, 0, 0x00, 0x0b, 0x41, 0, 0x0d, 0], work: 0 },
  {
    name: "an else, which begins anew",
    code: [0x41, 0, 0x04, 0x40, 0x41, 0, 0x00, 0x05, 0x0b, 0x41, 0, 0x0d, 0],
    work: 0,
  },
  { name: "memory.fill", code: [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0, 0x41, 0, 0x0d, 0], work: 0 },
];

for (const { name, code, work } of heights) {
  Deno.test(`WorkMeter counts the operands on the stack after ${name}`, () => {
    const body = new Uint8Array([0, ...code, 0x0b]);
    const scanner = new BodyScanner(signatures);
    scanner.scan(body, 0, body.length);
    assertEquals(scanner.work, work);
  });
}

Deno.test("WorkMeter counts parameters and locals at each block and branch", () => {
  const body = new Uint8Array([1, 7, 0x7f, 0x02, 0x40, 0x41, 0, 0x0d, 0, 0x0b, 0x0b]);
  const scanner = new BodyScanner(signatures);
  scanner.scan(body, 0, body.length, 3);
  assertEquals(scanner.work, 20);
});

Deno.test("WorkMeter counts a caught tag's values", () => {
  const body = new Uint8Array([0, 0x06, 0x40, 0x07, 0, 0x0b, 0x0b]);
  const scanner = new BodyScanner(signatures);
  scanner.scan(body, 0, body.length);
  assertEquals(scanner.work, 3);
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
    "received 1000000000",
  );
  assertEquals(error.code, "MODULE_FUNCTION_TOO_LARGE");
});
