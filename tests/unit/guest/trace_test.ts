import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { Guest, type GuestModule, MAX_LINES_PER_SECOND, prepareModule } from "../../../src/guest/mod.ts";
import { traceOf } from "../../../src/guest/trace.ts";
import { assembleGuest } from "../../guests/build.ts";
import { callOf, guestText, LIMITS, PatientGuard, prepare } from "./guests.ts";

/** Opcodes by what V8 says of a trap in one. */
const TRAPS = new Map([
  ["unreachable", 0x00],
  ["divide by zero", 0x6d],
  ["memory access out of bounds", 0x28],
]);
const CALL = 0x10;

const FRAME =
  /^(?:(.+) \(function (\d+), byte 0x([0-9a-f]+)\)|function (\d+) \(byte 0x([0-9a-f]+)\))(?:, (\d+) times)?$/;

interface Frame {
  readonly name: string | undefined;
  readonly index: number;
  readonly offset: number;
  readonly times: number;
}

function frameOf(text: string): Frame {
  const [, name, index, offset, bareIndex, bareOffset, times] = FRAME.exec(text) ?? [];
  assert(index !== undefined || bareIndex !== undefined, text);
  return {
    name,
    index: Number(index ?? bareIndex),
    offset: Number.parseInt(offset ?? bareOffset ?? "", 16),
    times: Number(times ?? 1),
  };
}

/** What comes of a call that the guest fails. */
function failureOf(module: GuestModule, told = ""): GuestError {
  const guest = new Guest(module, { guard: new PatientGuard(), output: () => {} });
  return assertThrows(() => guest.call(callOf(told), () => {}), GuestError);
}

async function named(text: string): Promise<{ readonly bytes: Uint8Array; readonly module: GuestModule }> {
  const bytes = await assembleGuest("guest", text, true);
  return { bytes: bytes.slice(), module: await prepareModule(bytes, "guest.wasm", LIMITS) };
}

/** 150 functions, each with what the rewrite puts something in or takes the place of, that call each other down to `$f0`. */
function tower(trap: string): string {
  const floors = Array.from({ length: 150 }, (_, floor) => `
  (func $f${floor} (result i32) (local $at i32)
    ${"(drop (i32.const 123456))".repeat(floor % 7)}
    ${
    floor % 3 === 0
      ? "(loop $next (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 3))))"
      : ""
  }
    ${floor % 4 === 0 ? "(memory.fill (i32.const 60000) (i32.const 1) (i32.const 9))" : ""}
    ${floor % 5 === 0 ? "(memory.fill (i32.const 60000) (i32.const 1) (local.get $at))" : ""}
    ${floor === 0 ? trap : `(i32.add (i32.const 1) (call $f${floor - 1}))`})`);
  const table = Array.from({ length: 150 }, (_, floor) => `$f${floor}`).join(" ");
  return `(type $floor (func (result i32)))
  (table funcref (elem ${table}))
  ${floors.join("")}
  (func $misbehave (result i64)
    ;; The floor stands behind the "!", as one letter from "0" on.
    (drop (call_indirect (type $floor)
      (i32.mul (i32.const 10) (i32.sub (i32.load8_u (i32.add (global.get $mark) (i32.const 1))) (i32.const 48)))))
    (call $clean))`;
}

Deno.test.each([
  { says: "unreachable", trap: "unreachable" },
  { says: "divide by zero", trap: "(i32.div_s (local.get $at) (i32.const 0))" },
  { says: "memory access out of bounds", trap: "(i32.load (i32.const -1))" },
])("Guest.call() tells in which functions of the file a guest was when it trapped: $says", async ({ says, trap }) => {
  const { bytes, module } = await named(tower(trap));
  for (let floor = 0; floor < 150; floor += 10) {
    const error = failureOf(module, String.fromCharCode(48 + floor / 10));
    assertStringIncludes(error.message, `received "${says}" in ${error.trace[0]}`);
    const frames = error.trace.map(frameOf);
    assert(frames.length > Math.min(floor, 15), error.trace.join());
    frames.forEach(({ name, offset }, depth) => {
      if (depth <= floor) assertEquals(name, `f${depth}`);
      const opcodes = depth === 0 ? [TRAPS.get(says)] : [CALL, 0x11];
      assert(opcodes.includes(bytes[offset]), `${name}: ${bytes[offset]} at ${offset}`);
    });
  }
});

Deno.test("Guest.call() tells of a trap in a bulk instruction where it stands in the file, also where a call is in its place", async () => {
  const { bytes, module } = await named(`
  (func $fill (param i32) (memory.fill (i32.const 120000) (i32.const 1) (local.get 0)))
  (func $misbehave (result i64) (call $fill (i32.const 100000)) (call $clean))`);
  const { trace } = failureOf(module);
  const [first, second] = trace.map(frameOf);
  assertEquals([first?.name, second?.name], ["fill", "misbehave"]);
  assertEquals([...bytes.subarray(first?.offset, (first?.offset ?? 0) + 2)], [0xfc, 0x0b]);
});

Deno.test("Guest.call() tells of a function without a name its number, and of an exported one the export", async () => {
  const bytes = await assembleGuest("guest", tower("unreachable"));
  const { trace } = failureOf(await prepareModule(bytes, "guest.wasm", LIMITS), "0");
  const frames = trace.map(frameOf);
  assertEquals(frames[0]?.name, undefined);
  assertEquals(frames.at(-1)?.name, "on_request_headers");
});

Deno.test("Guest.call() tells a recursion once, with how often V8 has seen it", async () => {
  const { module } = await named(guestText("recurses_without_end"));
  const error = failureOf(module);
  assertEquals(error.code, "GUEST_STACK_OVERFLOW");
  // It ends where a call begins, and not where the others are.
  assert(error.trace.length <= 2, error.trace.join());
  assert(frameOf(error.trace.at(-1)!).times > 5);
});

Deno.test("Guest.call() tells where a guest was when it was ended at its deadline", async () => {
  const { bytes, module } = await named(guestText("spins_forever"));
  let epoch: SharedArrayBuffer | undefined;
  class Strict extends PatientGuard {
    override attach = (word: SharedArrayBuffer) => {
      epoch = word;
    };
    override end = () => epoch !== undefined && new Int32Array(epoch)[0] === 1;
  }
  const guest = new Guest(module, { guard: new Strict(), output: () => {} });
  new Int32Array(epoch!)[0] = 1;
  const error = assertThrows(() => guest.call(callOf(""), () => {}), GuestError);
  assertEquals(error.code, "GUEST_DEADLINE");
  assertStringIncludes(error.message, ` in ${error.trace[0]}`);
  assert(frameOf(error.trace[0]!).offset < bytes.length);
});

Deno.test("Guest.call() tells where a guest was when it ended itself by a host function", async () => {
  const { module } = await named(guestText("aborts"));
  const { code, message, trace } = failureOf(module);
  assertEquals(code, "GUEST_ABORTED");
  assertMatch(message, /received oh n at :7:9 in misbehave \(function \d+, byte 0x[0-9a-f]+\)$/);
  assertEquals(frameOf(trace[0]!).name, "misbehave");
});

Deno.test("Guest.call() blames who called what the helper of Zig gives up with", async () => {
  const { module } = await named(`
  (func $.Lsentinel.fail unreachable)
  (func $.Ldebug.panicExtra (call $.Lsentinel.fail))
  (func $.Lpolicy.decide (call $.Ldebug.panicExtra))
  (func $misbehave (result i64) (call $.Lpolicy.decide) (call $clean))`);
  assertMatch(failureOf(module).message, / in policy\.decide \(function \d+, byte 0x[0-9a-f]+\)$/);
});

Deno.test("Guest.call() blames who called a function that gives up, and not that function", async () => {
  const { module } = await named(`
  (func $core::panicking::panic_fmt unreachable)
  (func $rust_begin_unwind (call $core::panicking::panic_fmt))
  (func $policy::decide (call $rust_begin_unwind))
  (func $misbehave (result i64) (call $policy::decide) (call $clean))`);
  const { message, trace } = failureOf(module);
  assertMatch(message, / in policy::decide \(function \d+, byte 0x[0-9a-f]+\)$/);
  assertEquals(trace.slice(0, 4).map((frame) => frameOf(frame).name), [
    "core::panicking::panic_fmt",
    "rust_begin_unwind",
    "policy::decide",
    "misbehave",
  ]);
});

Deno.test("Guest.call() blames the innermost function where all are made to give up", async () => {
  const { module } = await named(`(module (memory (export "memory") 2)
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "dealloc") (param i32 i32))
  (func $abort unreachable)
  (func $rust_panic (export "on_request_headers") (param i32 i32) (result i64) (call $abort) (i64.const 0)))`);
  assertMatch(failureOf(module).message, / in abort \(function \d+, byte 0x[0-9a-f]+\)$/);
});

Deno.test("Guest() tells where a start function trapped", async () => {
  const { module } = await named(
    "(start $begin) (func $begin unreachable) (func $misbehave (result i64) (call $clean))",
  );
  const error = assertThrows(() => new Guest(module, { guard: new PatientGuard(), output: () => {} }), GuestError);
  assertMatch(error.message, /"start".* in begin \(function \d+, byte 0x[0-9a-f]+\)$/);
});

Deno.test("Guest.call() looks up as many places a second as the log tells of failures, whatever instance fails", async () => {
  const { module } = await named(guestText("traps"));
  // Two seconds may be touched, no more.
  const traced = Array.from({ length: 3 * MAX_LINES_PER_SECOND }, () => failureOf(module).trace.length > 0);
  const count = traced.filter(Boolean).length;
  assert(count >= MAX_LINES_PER_SECOND && count <= 2 * MAX_LINES_PER_SECOND, String(count));
});

Deno.test("traceOf() finds nothing in what has no stack of V8's", async () => {
  const { codeMap } = await prepare(guestText("traps"));
  assertEquals(traceOf("wasm-function[0]:0x10", codeMap), []);
  assertEquals(traceOf(new Error("at wasm-function[0]:0x10"), codeMap), []);
  const bare = new Error("bare");
  Object.defineProperty(bare, "stack", { value: undefined });
  assertEquals(traceOf(bare, codeMap), []);
  const far = new Error("far");
  far.stack = "Error: far\n    at wasm://wasm/1:wasm-function[0]:0xffffffff\n    at wasm://wasm/1:wasm-function[0]:0x0";
  assertEquals(traceOf(far, codeMap), []);
});
