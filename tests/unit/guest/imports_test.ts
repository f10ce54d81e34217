import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { Guest } from "../../../src/guest/mod.ts";
import { MAX_LINE_BYTES } from "../../../src/guest/output.ts";
import { callOf, type Outcome, outcomeOf, PatientGuard, prepare, type Printed, startGuest, textOf } from "./guests.ts";

const WASI = "wasi_snapshot_preview1";
const ERRNO = { success: 0, badf: 8, inval: 28, notdir: 54, notsock: 57, notsup: 58 };

/** What a guest with this body for `$misbehave`, and these imports, answers and prints. */
async function play(
  imports: string,
  body: string,
): Promise<{ readonly outcome: Outcome; readonly printed: Printed[] }> {
  const { guest, printed } = await startGuest(`${imports} (func $misbehave (result i64) ${body})`);
  return { outcome: await outcomeOf(() => guest.call(callOf(""), textOf)), printed };
}

/** A body that answers with a number, four bytes little-endian at 512, and the bytes from there to `end`. */
const answering = (expression: string, end = 516) =>
  `(i32.store (i32.const 512) ${expression}) (call $answer (i32.const 512) (i32.const ${end - 512}))`;

/** Calls `expression` once and takes the answer as bytes. */
async function bytesOf(imports: string, expression: string, end = 516): Promise<Uint8Array> {
  const { guest } = await startGuest(`${imports} (func $misbehave (result i64) ${answering(expression, end)})`);
  return guest.call(callOf(""), (result) => result.slice());
}

async function errnoOf(imports: string, expression: string): Promise<number> {
  const bytes = await bytesOf(imports, expression);
  return new DataView(bytes.buffer).getUint32(0, true);
}

const imported = (name: string, type: string, module = WASI) =>
  `(import "${module}" "${name}" (func $${name} ${type}))`;
const params = (count: number, result = "(result i32)") => `(param ${Array(count).fill("i32").join(" ")}) ${result}`;

const WRITE = imported("fd_write", params(4));
/** Bytes of a 32-bit number, as wat writes them. */
const word = (value: number) =>
  [0, 8, 16, 24].map((shift) => `\\${(value >>> shift & 0xff).toString(16).padStart(2, "0")}`).join("");
const iovecs = (...pairs: readonly (readonly [number, number])[]) =>
  `(data (i32.const 1024) "${pairs.map(([pointer, length]) => word(pointer) + word(length)).join("")}")`;
const write = (count: number, fd = 1, at = 1024) =>
  `(call $fd_write (i32.const ${fd}) (i32.const ${at}) (i32.const ${count}) (i32.const 1020))`;

Deno.test("fd_write puts several buffers together to one line", async () => {
  const data = `(data (i32.const 256) "one two\\n") ${iovecs([256, 3], [259, 1], [260, 4])}`;
  const { printed } = await play(WRITE + data, `(drop ${write(3)}) (call $clean)`);
  assertEquals(printed, [{ stream: "stdout", line: "one two", correlationId: "id" }]);
});

Deno.test("fd_write puts several calls together to one line, each stream on its own", async () => {
  const data = `(data (i32.const 256) "ab\\n") ${iovecs([256, 1], [257, 2])}`;
  const body = `(drop ${write(1)}) (drop ${write(1, 2)}) (drop ${write(1, 1, 1032)}) (drop ${
    write(1, 2, 1032)
  }) (call $clean)`;
  const { printed } = await play(WRITE + data, body);
  assertEquals(printed.map(({ stream, line }) => [stream, line]), [["stdout", "ab"], ["stderr", "ab"]]);
});

Deno.test("fd_write cuts an over-long line", async () => {
  const data = `(data (i32.const 256) "\\n") ${iovecs([4096, 5000], [256, 1])}`;
  const body = `(memory.fill (i32.const 4096) (i32.const 0x61) (i32.const 5000)) (drop ${write(2)}) (call $clean)`;
  const { printed } = await play(WRITE + data, body);
  assertEquals(printed.map(({ line }) => line), ["a".repeat(MAX_LINE_BYTES)]);
});

Deno.test("fd_write escapes control characters and what turns text around", async () => {
  const text = "\\1b[31m\\07\\09tab\\7f\\e2\\80\\ae\\c2\\85\\ff\\n";
  const data = `(data (i32.const 256) "${text}") ${iovecs([256, 19])}`;
  const { printed } = await play(WRITE + data, `(drop ${write(1)}) (call $clean)`);
  assertEquals(printed.map(({ line }) => line), [
    "\\u{1b}[31m\\u{7}\\u{9}tab\\u{7f}\\u{202e}\\u{85}\ufffd",
  ]);
});

Deno.test.each([
  { name: "more buffers than are taken", count: 1025, at: 1024, errno: ERRNO.inval },
  { name: "4294967295 buffers", count: -1, at: 1024, errno: ERRNO.inval },
  { name: "536870913 buffers, a wrap-around to one", count: 536870913, at: 1024, errno: ERRNO.inval },
])("fd_write refuses $name", async ({ count, at, errno }) => {
  assertEquals(await errnoOf(WRITE + iovecs([256, 1]), write(count, 1, at)), errno);
});

Deno.test.each([
  { name: "buffers outside of memory", data: "", body: write(1, 1, 131_070) },
  { name: "a list of buffers at the end of the address space", data: "", body: write(2, 1, -8) },
  { name: "a buffer that begins outside", data: iovecs([131_072, 1]), body: write(1) },
  { name: "a buffer that ends outside", data: iovecs([131_070, 3]), body: write(1) },
  { name: "a buffer that wraps around", data: iovecs([0xfffffff0, 0x20]), body: write(1) },
  {
    name: "a count of written bytes that is to go outside",
    data: iovecs([256, 1]),
    body: "(call $fd_write (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 131070))",
  },
])("fd_write ends the call of a guest with $name", async ({ data, body }) => {
  const { outcome } = await play(WRITE + data, `(drop ${body}) (call $clean)`);
  assertEquals("code" in outcome ? outcome.code : outcome.value, "GUEST_BAD_HOST_CALL");
});

Deno.test("clock_time_get tells the time of day in nanoseconds", async () => {
  const clock = imported("clock_time_get", "(param i32 i64 i32) (result i32)");
  const before = BigInt(Date.now()) * 1_000_000n;
  const bytes = await bytesOf(clock, "(call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 516))", 524);
  const view = new DataView(bytes.buffer);
  assertEquals(view.getUint32(0, true), ERRNO.success);
  const time = view.getBigUint64(4, true);
  const hour = 3_600_000_000_000n;
  assert(time > before - hour && time < before + hour, `${time}`);
});

Deno.test("random_get fills what it is given, of any size, and ends the call of a guest that has no such memory", async () => {
  const random = imported("random_get", params(2));
  const bytes = await bytesOf(random, "(call $random_get (i32.const 516) (i32.const 64))", 580);
  assertEquals(new DataView(bytes.buffer).getUint32(0, true), ERRNO.success);
  assert(new Set(bytes.subarray(4)).size > 8, `${bytes}`);
  const [, , , , ...large] = await bytesOf(random, "(call $random_get (i32.const 516) (i32.const 100001))", 100_517);
  // Of 1,000 zeros in a row none has ever been seen in 800,000 random bits.
  for (const at of [0, 65_000, 66_000, 99_001]) assert(large.slice(at, at + 1000).some((byte) => byte !== 0));
  for (const length of [131_073, -1]) {
    const { outcome } = await play(
      random,
      `(drop (call $random_get (i32.const 0) (i32.const ${length}))) (call $clean)`,
    );
    assertEquals("code" in outcome ? outcome.code : outcome.value, "GUEST_BAD_HOST_CALL");
  }
});

const STDIN = `${iovecs([4096, 8])} (data (i32.const 4096) "12345678")`;
const I64 = (value: string) => `(i64.const ${value})`;

Deno.test.each([
  {
    name: "path_open",
    type: "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)",
    args: `(i32.const 3) (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 0) ${I64("-1")} ${
      I64("-1")
    } (i32.const 0)
      (i32.const 600)`,
    errno: ERRNO.badf,
  },
  {
    name: "sock_accept",
    type: params(3),
    args: "(i32.const 3) (i32.const 0) (i32.const 600)",
    errno: ERRNO.notsock,
  },
  {
    name: "fd_renumber",
    type: params(2),
    args: "(i32.const 1) (i32.const 0)",
    errno: ERRNO.notsup,
  },
])("$name is refused", async ({ name, type, args, errno }) => {
  assertEquals(await errnoOf(imported(name, type), `(call $${name} ${args})`), errno);
});

Deno.test.each([
  {
    name: "fd_allocate",
    type: "(param i32 i64 i64) (result i32)",
    args: `(i32.const 0) ${I64("0")} ${I64("1073741824")}`,
  },
  { name: "fd_filestat_set_size", type: "(param i32 i64) (result i32)", args: `(i32.const 0) ${I64("1073741824")}` },
  { name: "fd_write", type: params(4), args: "(i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 600)" },
  {
    name: "fd_pwrite",
    type: "(param i32 i32 i32 i64 i32) (result i32)",
    args: `(i32.const 0) (i32.const 1024) (i32.const 1) ${I64("1073741824")} (i32.const 600)`,
  },
])("$name gives stdin no room in the agent's own memory", async ({ name, type, args }) => {
  const errno = await errnoOf(imported(name, type) + STDIN, `(call $${name} ${args})`);
  assert(errno !== ERRNO.success, `errno ${errno}`);
});

Deno.test("fd_read finds stdin at its end", async () => {
  const read = imported("fd_read", params(4)) + STDIN + '(data (i32.const 516) "\\ff\\ff\\ff\\ff")';
  const bytes = await bytesOf(
    read,
    "(call $fd_read (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 516))",
    520,
  );
  assertEquals([...bytes], [0, 0, 0, 0, 0, 0, 0, 0]);
});

/** A string as AssemblyScript keeps it, its characters at `at`. */
const utf16 = (at: number, text: string) => {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  const bytes = units.flatMap((unit) => [unit & 0xff, unit >> 8]).map((byte) =>
    `\\${byte.toString(16).padStart(2, "0")}`
  );
  return `(data (i32.const ${at - 4}) "${word(bytes.length)}${bytes.join("")}")`;
};
const ABORT = imported("abort", params(4, ""), "env");
const TRACE = imported("trace", "(param i32 i32 f64 f64 f64 f64 f64)", "env");

Deno.test.each([
  { name: "message and place", message: 260, file: 324, says: "Grüße\\u{a}😀 at policy.ts:7:9" },
  { name: "no message", message: 0, file: 0, says: " at :7:9" },
])("abort ends the call with $name", async ({ message, file, says }) => {
  const strings = utf16(260, "Grüße\n😀") + utf16(324, "policy.ts");
  const abort = `(call $abort (i32.const ${message}) (i32.const ${file}) (i32.const 7) (i32.const 9))`;
  const { outcome } = await play(ABORT + strings, `(try (do ${abort}) (catch_all)) (call $clean)`);
  assert("code" in outcome);
  assertEquals(outcome.code, "GUEST_ABORTED");
  assertStringIncludes(outcome.message, `received ${says}`);
});

Deno.test("abort with strings outside of memory still ends the call", async () => {
  for (const pointer of [2, 131_072, -2]) {
    const abort = `(call $abort (i32.const ${pointer}) (i32.const 0) (i32.const 7) (i32.const 9))`;
    const { outcome } = await play(ABORT, `(try (do ${abort}) (catch_all)) (call $clean)`);
    assertMatch("code" in outcome ? outcome.code : "none", /^GUEST_(ABORTED|BAD_HOST_CALL)$/);
  }
});

Deno.test.each([
  { count: 0, says: "values" },
  { count: 2, says: "values 1.5, -2" },
  { count: 5, says: "values 1.5, -2, 5000000000, 0, NaN" },
  { count: -1, says: "values 1.5, -2, 5000000000, 0, NaN" },
])("trace shows $count numbers as they are", async ({ count, says }) => {
  const values = "(f64.const 1.5) (f64.const -2) (f64.const 5e9) (f64.const 0) (f64.const nan)";
  const trace = `(call $trace (i32.const 260) (i32.const ${count}) ${values})`;
  const { printed } = await play(TRACE + utf16(260, "values"), `${trace} (call $clean)`);
  assertEquals(printed, [{ stream: "trace", line: says, correlationId: "id" }]);
});

Deno.test("trace cuts a string whose size lies", async () => {
  const data = `(data (i32.const 256) "${word(0x7fffffff)}") `;
  const values = "(f64.const 0) (f64.const 0) (f64.const 0) (f64.const 0) (f64.const 0)";
  const { printed } = await play(TRACE + data, `(call $trace (i32.const 260) (i32.const 0) ${values}) (call $clean)`);
  assertEquals(printed.length, 1);
  assert(printed[0]!.line.length <= MAX_LINE_BYTES * 4);
});

Deno.test("seed gives numbers that differ", async () => {
  const seed = imported("seed", "(result f64)", "env");
  const body = `(f64.store (i32.const 512) (call $seed)) (f64.store (i32.const 520) (call $seed))
    (call $answer (i32.const 512) (i32.const 16))`;
  const { guest } = await startGuest(`${seed} (func $misbehave (result i64) ${body})`);
  const [first, second] = guest.call(callOf(""), (result) => {
    const view = new DataView(result.slice().buffer);
    return [view.getFloat64(0, true), view.getFloat64(8, true)];
  });
  assert(first !== second && Number.isFinite(first) && Number.isFinite(second), `${first} ${second}`);
});

Deno.test("prepareModule() names all imports that it does not provide, in one message", async () => {
  const text = `(module (import "env" "foo" (func (param i32))) (import "env" "table" (table 1 funcref))
    (import "wasi_snapshot_preview1" "fd_read" (func (param i64))) (import "other" "g" (global i32))
    (memory (export "memory") 1))`;
  try {
    await prepare(text);
    assert(false);
  } catch (error) {
    assert(error instanceof Error);
    for (const part of ['"env.foo" (function (i32) -> ())', '"env.table" (table)', '"other.g" (global)']) {
      assertStringIncludes(error.message, part);
    }
    assertStringIncludes(error.message, '"wasi_snapshot_preview1.fd_read" (function (i64) -> ()), here');
    assertEquals("code" in error ? error.code : "", "MODULE_BAD_IMPORTS");
  }
});

Deno.test("a guest has no clean answer after proc_exit inside of catch_all, however little of the stack is left", async () => {
  const deep = `(func $deep (param $left i32) (result i32)
    (if (i32.eqz (local.get $left))
      (then (try (do (call $proc_exit (i32.const 1))) (catch_all)) (return (i32.const 0))))
    (i32.add (call $deep (i32.sub (local.get $left) (i32.const 1))) (i32.const 1)))`;
  const body = "(drop (call $deep (i32.load (i32.add (global.get $mark) (i32.const 1))))) (call $clean)";
  const text = `${imported("proc_exit", "(param i32)")} ${deep} (func $misbehave (result i64) ${body})`;
  const module = await prepare(text);
  const codeAt = (depth: number) => {
    const input = new Uint8Array([0x21, 0, 0, 0, 0]);
    new DataView(input.buffer).setUint32(1, depth, true);
    try {
      return new Guest(module, { guard: new PatientGuard(), output: () => {} }).call(callOf("", { input }), textOf);
    } catch (error) {
      return error instanceof GuestError ? error.code : String(error);
    }
  };
  let fits = 0, tooDeep = 10_000_000;
  while (tooDeep - fits > 1) {
    const middle = Math.floor((fits + tooDeep) / 2);
    if (codeAt(middle) === "GUEST_STACK_OVERFLOW") tooDeep = middle;
    else fits = middle;
  }
  const codes = new Set<string>();
  for (let depth = Math.max(0, fits - 400); depth < tooDeep + 400; depth += 2) codes.add(codeAt(depth));
  for (const code of codes) assertMatch(code, /^GUEST_(EXITED|STACK_OVERFLOW|BAD_HOST_CALL)$/);
});

Deno.test("WASI is there as wasi_unstable too, with its shorter file status", async () => {
  const filestat = imported("fd_filestat_get", params(2), "wasi_unstable");
  const text = `${filestat} (data (i32.const 516) "${"\\aa".repeat(80)}")`;
  const bytes = await bytesOf(text, "(call $fd_filestat_get (i32.const 1) (i32.const 516))", 596);
  const status = [...bytes.subarray(4)];
  assertEquals(status.slice(0, 56), [...Array(16).fill(0), 2, ...Array(39).fill(0)]);
  assertEquals(new Set(status.slice(56)), new Set([0xaa]));
  assertEquals(await errnoOf(filestat, "(call $fd_filestat_get (i32.const 3) (i32.const 516))"), ERRNO.badf);
  const write0 = imported("fd_write", params(4), "wasi_unstable");
  const { printed } = await play(
    `${write0} (data (i32.const 256) "old\\n") ${iovecs([256, 4])}`,
    `(drop ${write(1)}) (call $clean)`,
  );
  assertEquals(printed.map(({ line }) => line), ["old"]);
});

Deno.test("one module may import both previews of WASI, and one function many times", async () => {
  const both = `(import "wasi_unstable" "sched_yield" (func (result i32)))
    (import "${WASI}" "sched_yield" (func (result i32))) (import "${WASI}" "sched_yield" (func (result i32)))`;
  const { outcome } = await play(both, "(call $clean)");
  assert("value" in outcome);
});

Deno.test("pthread_equal tells whether two threads are one", async () => {
  const equal = imported("pthread_equal", params(2), "env");
  assertEquals(await errnoOf(equal, "(call $pthread_equal (i32.const 7) (i32.const 7))"), 1);
  assertEquals(await errnoOf(equal, "(call $pthread_equal (i32.const 7) (i32.const 8))"), 0);
});

Deno.test("emscripten_notify_memory_growth is taken note of", async () => {
  const notify = imported("emscripten_notify_memory_growth", "(param i32)", "env");
  const body = "(drop (memory.grow (i32.const 1))) (call $emscripten_notify_memory_growth (i32.const 0)) (call $clean)";
  assert("value" in (await play(notify, body)).outcome);
});

Deno.test("Date.now tells the time of day in milliseconds", async () => {
  const now = '(import "env" "Date.now" (func $now (result f64)))';
  const { guest } = await startGuest(`${now} (func $misbehave (result i64)
    (f64.store (i32.const 512) (call $now)) (call $answer (i32.const 512) (i32.const 8)))`);
  const time = guest.call(callOf(""), (result) => new DataView(result.slice().buffer).getFloat64(0, true));
  assert(Math.abs(time - Date.now()) < 3_600_000, `${time}`);
});

const consoleFunction = (name: string, type = "(param i32)") =>
  `(import "env" "console.${name}" (func $${name} ${type}))`;

Deno.test.each(
  [
    { name: "log", stream: "stdout" },
    { name: "debug", stream: "stdout" },
    { name: "info", stream: "stdout" },
    { name: "warn", stream: "stderr" },
    { name: "error", stream: "stderr" },
  ] as const,
)("console.$name prints a line", async ({ name, stream }) => {
  const { printed } = await play(
    consoleFunction(name) + utf16(260, "a\nb"),
    `(call $${name} (i32.const 260)) (call $clean)`,
  );
  assertEquals(printed, [{ stream, line: "a\\u{a}b", correlationId: "id" }]);
});

Deno.test("console.assert prints what does not hold, and nothing else", async () => {
  const calls = `(call $assert (i32.const 1) (i32.const 260)) (call $assert (i32.const 0) (i32.const 260))`;
  const { printed } = await play(
    consoleFunction("assert", "(param i32 i32)") + utf16(260, "no room"),
    `${calls} (call $clean)`,
  );
  assertEquals(printed.map(({ stream, line }) => `${stream} ${line}`), ["stderr assertion failed: no room"]);
});

Deno.test("console.time, timeLog and timeEnd print the time that a label has run, while it runs", async () => {
  const functions = ["time", "timeLog", "timeEnd"].map((name) => consoleFunction(name)).join(" ");
  const call = (name: string) => `(call $${name} (i32.const 260))`;
  const calls = ["timeLog", "time", "timeLog", "timeEnd", "timeEnd"].map(call).join(" ");
  const { printed } = await play(functions + utf16(260, "job"), `${calls} (call $clean)`);
  assertEquals(printed.length, 2);
  for (const { line } of printed) assertMatch(line, /^job: \d+\.\d{3} ms$/);
});

Deno.test("console.time keeps sixteen labels at a time", async () => {
  const functions = consoleFunction("time") + consoleFunction("timeLog");
  const labels = Array.from({ length: 17 }, (_, index) => utf16(260 + index * 16, `t${index}`)).join(" ");
  const calls = ["time", "timeLog"].flatMap((name) =>
    Array.from({ length: 17 }, (_, index) => `(call $${name} (i32.const ${260 + index * 16}))`)
  );
  const { printed } = await play(functions + labels, `${calls.join(" ")} (call $clean)`);
  assertEquals(printed.map(({ line }) => line.split(":")[0]), Array.from({ length: 16 }, (_, index) => `t${index}`));
});
