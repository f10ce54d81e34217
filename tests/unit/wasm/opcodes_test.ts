import { assertEquals } from "@std/assert";
import { BodyScanner } from "../../../src/wasm/body_scanner.ts";
import { FIRST_PREFIX, Immediate, OPCODES, PREFIXED } from "../../../src/wasm/opcodes.ts";
import { leb, withCode } from "./assemble.ts";

/** Whether V8 knows an opcode: it then finds fault with the operands or immediates, if at all. */
function v8Knows(...opcode: number[]): boolean {
  try {
    new WebAssembly.Module(withCode([0x00, ...opcode, ...Array(20).fill(0)]));
    return true;
  } catch (error) {
    return !/nvalid (numeric |simd |gc )?opcode|enable with/.test(String(error));
  }
}

Deno.test("OPCODES has exactly the one-byte opcodes that V8 accepts", () => {
  for (let opcode = 0; opcode < FIRST_PREFIX; opcode++) {
    assertEquals(OPCODES[opcode] !== Immediate.unknown, v8Knows(opcode), `opcode 0x${opcode.toString(16)}`);
  }
  assertEquals(OPCODES[0xff], Immediate.unknown);
});

// struct.new_desc and struct.new_default_desc: V8 knows them, but their types only behind a flag.
const WITHOUT_TYPES = new Set([0xfb20, 0xfb21]);

PREFIXED.forEach((table, index) => {
  const prefix = FIRST_PREFIX + index;
  Deno.test(`PREFIXED has exactly the opcodes of 0x${prefix.toString(16)} that V8 accepts`, () => {
    for (let sub = 0; sub < 0x180; sub++) {
      const known = v8Knows(prefix, ...leb(sub)) && !WITHOUT_TYPES.has((prefix << 8) | sub);
      assertEquals((table[sub] ?? 0) !== 0, known, `opcode 0x${prefix.toString(16)} 0x${sub.toString(16)}`);
    }
  });
});

/** Immediates of each layout, padded where V8 takes padding; `loop void end` after them must be found. */
const instructions = [
  { name: "block of void", code: [0x02, 0x40], close: 1 },
  { name: "block of padded void", code: [0x02, 0xc0, 0x7f], close: 1 },
  { name: "block of a padded type index", code: [0x02, 0x80, 0x80, 0x80, 0x80, 0x00], close: 1 },
  { name: "block of (ref null func)", code: [0x02, 0x63, 0x70], close: 1 },
  { name: "block of (ref padded func)", code: [0x02, 0x64, 0xf0, 0x7f], close: 1 },
  { name: "try", code: [0x06, 0x40], close: 1 },
  { name: "catch", code: [0x07, 0x80, 0x00], close: 0 },
  { name: "try_table of all four clauses", code: [0x1f, 0x40, 4, 0, 3, 0, 1, 3, 0, 2, 0, 3, 0x80, 0x00], close: 1 },
  { name: "br_table", code: [0x0e, 0x82, 0x00, 3, 3, 3], close: 0 },
  { name: "call_indirect padded", code: [0x11, 0x80, 0x80, 0x00, 0x80, 0x00], close: 0 },
  { name: "select of a type", code: [0x1c, 1, 0x63, 0x03], close: 0 },
  { name: "load", code: [0x28, 2, 3], close: 0 },
  { name: "load of memory 3", code: [0x28, 0x42, 0x03, 0x03], close: 0 },
  { name: "load of padded memory 3", code: [0x28, 0xc2, 0x00, 0x83, 0x00, 0x03], close: 0 },
  { name: "load with an offset of ten bytes", code: [0x28, 2, ...Array(9).fill(0x83), 0x00], close: 0 },
  { name: "i32.const", code: [0x41, 0x83, 0x83, 0x83, 0x83, 0x03], close: 0 },
  { name: "i64.const", code: [0x42, ...Array(9).fill(0x83), 0x03], close: 0 },
  { name: "f32.const", code: [0x43, 3, 3, 3, 3], close: 0 },
  { name: "f64.const", code: [0x44, 3, 3, 3, 3, 3, 3, 3, 3], close: 0 },
  { name: "ref.null of a padded heap type", code: [0xd0, 0xf0, 0x7f], close: 0 },
  { name: "br_on_null", code: [0xd5, 0x03], close: 0 },
  { name: "struct.get", code: [0xfb, 0x02, 0x03, 0x03], close: 0 },
  { name: "br_on_cast", code: [0xfb, 0x18, 0x03, 0x03, 0x6e, 0x03], close: 0 },
  { name: "i32.trunc_sat_f32_s, its opcode padded", code: [0xfc, 0x80, 0x80, 0x00], close: 0 },
  { name: "data.drop", code: [0xfc, 0x09, 0x03], close: 0 },
  { name: "v128.const", code: [0xfd, 0x0c, ...Array(16).fill(3)], close: 0 },
  { name: "i8x16.shuffle", code: [0xfd, 0x0d, ...Array(16).fill(3)], close: 0 },
  { name: "i8x16.extract_lane_s", code: [0xfd, 0x15, 0x03], close: 0 },
  { name: "v128.load8_lane of memory 3", code: [0xfd, 0x54, 0x40, 0x03, 0x03, 0x03], close: 0 },
  { name: "v128.load32_zero", code: [0xfd, 0x5c, 0x02, 0x03], close: 0 },
  { name: "i8x16.relaxed_swizzle", code: [0xfd, 0x80, 0x02], close: 0 },
];

for (const { name, code, close } of instructions) {
  Deno.test(`BodyScanner.scan() moves past the immediates of ${name}`, () => {
    // 0x03 in the immediates is the opcode of loop: reading them as code would give more probes or none.
    const loop = [0x03, 0x40, 0x0b];
    const body = new Uint8Array([0, ...code, ...loop, ...Array(close).fill(0x0b), 0x0b]);
    const scanner = new BodyScanner({ types: [], functions: [], tags: [] });
    scanner.scan(body, 0, body.length);
    assertEquals([...scanner.insertions.offsets], [1, 1 + code.length + 2]);
  });
}

const bulk = [
  { name: "memory.grow", code: [0x40, 0x00] },
  { name: "memory.init", code: [0xfc, 0x08, 0, 0] },
  { name: "memory.copy", code: [0xfc, 0x0a, 0, 0] },
  { name: "memory.fill, its opcode padded", code: [0xfc, 0x8b, 0x80, 0x00, 0] },
  { name: "table.init", code: [0xfc, 0x0c, 0, 0] },
  { name: "table.copy", code: [0xfc, 0x0e, 0, 0] },
  { name: "table.grow", code: [0xfc, 0x0f, 0] },
  { name: "table.fill", code: [0xfc, 0x11, 0] },
  { name: "array.new", code: [0xfb, 0x06, 0] },
  { name: "array.new_default", code: [0xfb, 0x07, 0] },
  { name: "array.new_fixed", code: [0xfb, 0x08, 0, 9] },
  { name: "array.new_data", code: [0xfb, 0x09, 0, 0] },
  { name: "array.new_elem", code: [0xfb, 0x0a, 0, 0] },
  { name: "array.fill", code: [0xfb, 0x10, 0] },
  { name: "array.copy", code: [0xfb, 0x11, 0, 0] },
  { name: "array.init_data", code: [0xfb, 0x12, 0, 0] },
  { name: "array.init_elem", code: [0xfb, 0x13, 0, 0] },
];

for (const { name, code } of bulk) {
  Deno.test(`BodyScanner.scan() puts a probe before ${name}`, () => {
    const body = new Uint8Array([0, 0x01, ...code, 0x0b]);
    const scanner = new BodyScanner({ types: [], functions: [], tags: [] });
    scanner.scan(body, 0, body.length);
    assertEquals([...scanner.insertions.offsets], [1, 2]);
  });
}
