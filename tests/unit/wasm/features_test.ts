import { assertEquals } from "@std/assert";
import { featuresOf } from "../../../src/wasm/mod.ts";
import { assemble as assembleText } from "../../guests/build.ts";
import { assemble, section } from "./assemble.ts";

/** A module whose one function has this code before its end. */
function withCode(...code: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...code, 0x0b];
  return assemble(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, body.length, ...body));
}

Deno.test.each<{ readonly name: string; readonly module: Uint8Array<ArrayBuffer>; readonly features: string[] }>([
  { name: "nothing", module: assemble(), features: [] },
  { name: "code of the first version", module: withCode(0x41, 1, 0x41, 2, 0x6a, 0x1a), features: [] },
  { name: "i32.extend8_s", module: withCode(0x41, 1, 0xc0, 0x1a), features: ["sign extension"] },
  { name: "i32.trunc_sat_f32_s", module: withCode(0xfc, 0), features: ["saturating conversions"] },
  { name: "memory.copy", module: withCode(0xfc, 10, 0, 0), features: ["bulk memory"] },
  { name: "the last of bulk memory, table.copy", module: withCode(0xfc, 14, 0, 0), features: ["bulk memory"] },
  { name: "the first after it, table.grow", module: withCode(0xfc, 15, 0), features: ["reference types"] },
  { name: "i8x16.splat", module: withCode(0xfd, 0x0f), features: ["SIMD"] },
  { name: "the last of SIMD", module: withCode(0xfd, 0xff, 0x01), features: ["SIMD"] },
  { name: "the first of relaxed SIMD", module: withCode(0xfd, 0x80, 0x02), features: ["relaxed SIMD"] },
  { name: "struct.new", module: withCode(0xfb, 0, 0), features: ["garbage collection"] },
  { name: "throw", module: withCode(0x08, 0), features: ["exceptions"] },
  { name: "try_table", module: withCode(0x1f, 0x40, 0, 0x0b), features: ["exceptions"] },
  { name: "try", module: withCode(0x06, 0x40, 0x19, 0x0b), features: ["legacy exceptions"] },
  { name: "return_call", module: withCode(0x12, 0), features: ["tail calls"] },
  { name: "call_ref", module: withCode(0x14, 0), features: ["typed function references"] },
  { name: "ref.null", module: withCode(0xd0, 0x70, 0x1a), features: ["reference types"] },
  { name: "a block of a type with an index", module: withCode(0x02, 0, 0x0b), features: ["several results"] },
  { name: "an atomic instruction", module: withCode(0xfe, 0x03, 0), features: ["threads"] },
  {
    name: "code that cannot be read, up to there",
    module: withCode(0xc0, 0xff, 0xfd, 0x0f),
    features: ["sign extension"],
  },
  { name: "an immediate that looks like an opcode", module: withCode(0x41, 0x40, 0x1a), features: [] },
  { name: "two memories", module: assemble(section(5, 2, 0, 1, 0, 1)), features: ["several memories"] },
  { name: "a 64-bit memory", module: assemble(section(5, 1, 4, 1)), features: ["64-bit memory"] },
  { name: "a shared memory", module: assemble(section(5, 1, 3, 1, 1)), features: ["threads"] },
])("featuresOf() finds in $name: $features", ({ module, features }) => {
  assertEquals(featuresOf(module), features);
});

Deno.test("featuresOf() finds what a module declares across its border", async () => {
  const module = await assembleText(
    "border",
    '(module (global (export "g") (mut i32) (i32.const 0)) (func (export "f") (result i32 i32) (i32.const 1) (i32.const 2)))',
  );
  assertEquals(featuresOf(module), ["mutable globals across the border", "several results"]);
});
