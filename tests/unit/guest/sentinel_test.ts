import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Guest, MAX_LINE_BYTES, MAX_LINES_PER_SECOND, type Measures, prepareModule } from "../../../src/guest/mod.ts";
import { ABIS } from "../../../src/guest/mod.ts";
import { assembleGuest } from "../../guests/build.ts";
import { callOf, LIMITS, type Outcome, outcomeOf, PatientGuard, prepare, textOf } from "./guests.ts";
import { SENTINEL_TYPES } from "../../../src/guest/imports/sentinel.ts";

const TYPES = {
  log: "(param i32 i32 i32)",
  now_ms: "(result i64)",
  random: "(param i32 i32)",
  config: "(param i32 i32) (result i32)",
  metric_add: "(param i32 i32 f64)",
} as const;
const IMPORTS = Object.entries(TYPES).map(([name, type]) => `(import "sentinel" "${name}" (func $${name} ${type}))`)
  .join("\n");

interface Played {
  readonly outcome: Outcome;
  readonly bytes: Uint8Array;
  readonly printed: { readonly stream: string; readonly line: string; readonly level: string }[];
  readonly measured: Measures[];
}

/** A guest with this body for `$misbehave`, what it answers, prints and counts; it may be of any ABI. */
async function play(body: string, { before = "", configuration = "{}", calls = 1 } = {}): Promise<Played> {
  const text = `${IMPORTS} ${before} (func $misbehave (result i64) ${body})`;
  const module = await prepareModule(await assembleGuest("guest", text), "guest.wasm", LIMITS, ABIS, configuration);
  const played = { printed: [] as Played["printed"], measured: [] as Measures[] };
  const guest = new Guest(module, {
    guard: new PatientGuard(),
    output: (stream, line, _, level) => played.printed.push({ stream, line, level }),
    measured: (measures) => played.measured.push(measures),
  });
  let bytes = new Uint8Array();
  let outcome: Outcome = { value: "" };
  for (let call = 0; call < calls; call++) {
    outcome = await outcomeOf(() =>
      guest.call(callOf(""), (result) => {
        bytes = result.slice();
        return textOf(result);
      })
    );
  }
  return { ...played, outcome, bytes };
}

const data = (at: number, text: string) => `(data (i32.const ${at}) "${text}")`;
const log = (level: number, at: number, length: number) =>
  `(call $log (i32.const ${level}) (i32.const ${at}) (i32.const ${length}))`;
const add = (at: number, length: number, value: string) =>
  `(call $metric_add (i32.const ${at}) (i32.const ${length}) (f64.const ${value}))`;
/** Answers with an i32 and the bytes behind it, from 512 on. */
const answering = (expression: string, end = 516) =>
  `(i32.store (i32.const 512) ${expression}) (call $answer (i32.const 512) (i32.const ${end - 512}))`;
const u32 = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint32(0, true);

Deno.test.each([
  { level: 0, called: "error" },
  { level: 1, called: "warning" },
  { level: 2, called: "info" },
  { level: 3, called: "debug" },
  { level: 4, called: "debug" },
  { level: -1, called: "debug" },
])("sentinel.log of level $level is a line of level $called", async ({ level, called }) => {
  const { printed } = await play(`${log(level, 256, 2)} (call $clean)`, { before: data(256, "hi") });
  assertEquals(printed, [{ stream: "log", line: "hi", level: called }]);
});

Deno.test("sentinel.log writes one escaped line, whatever is in it", async () => {
  const { printed } = await play(`${log(2, 256, 12)} (call $clean)`, {
    before: data(256, "a\\nb\\1b[31m\\e2\\80\\ae\\ff"),
  });
  assertEquals(printed.map(({ line }) => line), ["a\\u{a}b\\u{1b}[31m\\u{202e}\ufffd"]);
});

Deno.test("sentinel.log cuts a long line, and writes none for an empty text", async () => {
  const fill = "(memory.fill (i32.const 4096) (i32.const 0x61) (i32.const 5000))";
  const { printed } = await play(`${fill} ${log(2, 4096, 5000)} ${log(0, 0, 0)} (call $clean)`);
  assertEquals(printed.map(({ line }) => line), ["a".repeat(MAX_LINE_BYTES)]);
});

/** Calls `body` 1,000 times. */
const looped = (body: string) =>
  `(local $left i32) (local.set $left (i32.const 1000))
   (loop $more ${body} (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))`;

Deno.test("sentinel.log writes so many lines a second, and debug lines do not crowd out errors", async () => {
  const body = `${looped(log(3, 256, 1))} ${log(0, 257, 1)} (call $clean)`;
  const { printed } = await play(body, { before: data(256, "de") });
  const debug = printed.filter(({ level }) => level === "debug").length;
  // A second may end meanwhile.
  assert(debug === MAX_LINES_PER_SECOND || debug === 2 * MAX_LINES_PER_SECOND, `${debug}`);
  assertEquals(printed.at(-1), { stream: "log", line: "e", level: "error" });
});

Deno.test("sentinel.now_ms tells the time of day in milliseconds", async () => {
  const { bytes } = await play(
    "(i64.store (i32.const 512) (call $now_ms)) (call $answer (i32.const 512) (i32.const 8))",
  );
  const told = Number(new DataView(bytes.buffer).getBigInt64(0, true));
  assert(Math.abs(told - Date.now()) < 3_600_000, `${told}`);
});

Deno.test("sentinel.random fills what is asked for, and nothing else", async () => {
  const { bytes } = await play(
    "(call $random (i32.const 520) (i32.const 32)) (call $answer (i32.const 512) (i32.const 48))",
  );
  assertEquals([...bytes.subarray(0, 8), ...bytes.subarray(40)], Array(16).fill(0));
  assert(bytes.subarray(8, 24).toHex() !== bytes.subarray(24, 40).toHex());
});

Deno.test.each([
  { name: "nothing, to learn the length", at: 0, capacity: 0, copied: "" },
  { name: "nothing, wherever it would go", at: -1, capacity: 0, copied: "" },
  { name: "as much as there is room for", at: 516, capacity: 5, copied: '{"k":' },
  { name: "all of it", at: 516, capacity: 512, copied: '{"k":"ü"}' },
  { name: "all of it into more room than memory has", at: 516, capacity: -1, copied: '{"k":"ü"}' },
])("sentinel.config copies $name", async ({ at, capacity, copied }) => {
  const call = `(call $config (i32.const ${at}) (i32.const ${capacity}))`;
  const { bytes } = await play(answering(call, 530), { configuration: '{"k":"ü"}' });
  assertEquals(u32(bytes), 10);
  assertEquals(textOf(bytes.subarray(4)).replace(/\0+$/, ""), copied);
});

Deno.test.each([
  { name: "log before memory ends", body: log(2, 131_071, 2) },
  { name: "log of 4 GiB", body: log(2, 0, -1) },
  { name: "log at a negative pointer", body: log(2, -1, 1) },
  { name: "random of 4 GiB", body: "(call $random (i32.const 0) (i32.const -1))" },
  { name: "random at a negative pointer", body: "(call $random (i32.const -4) (i32.const 8))" },
  { name: "config behind memory", body: "(drop (call $config (i32.const 131071) (i32.const 8)))" },
  { name: "config at a negative pointer", body: "(drop (call $config (i32.const -1) (i32.const 8)))" },
  { name: "metric_add of a name behind memory", body: add(131_071, 2, "1") },
  { name: "metric_add of a name of 4 GiB", body: add(0, -1, "1") },
])("sentinel.$name ends the call, and no catch_all keeps it alive", async ({ body }) => {
  const { outcome, printed, measured } = await play(`(try (do ${body}) (catch_all)) (call $clean)`);
  assert("code" in outcome);
  assertEquals(outcome.code, "GUEST_BAD_HOST_CALL");
  assertMatch(outcome.message, /sentinel\.\w+: .*must lie in memory of 131072 bytes/);
  assertEquals([printed, measured], [[], []]);
});

Deno.test("sentinel.metric_add is told once a call with its sum, however often it is called", async () => {
  const body = `${looped(add(256, 2, "0.5"))} ${add(258, 1, "2")} (call $clean)`;
  const { measured } = await play(body, { before: data(256, "ab_"), calls: 2 });
  const once: Measures = { added: [["ab", 500], ["_", 2]], uncounted: [] };
  assertEquals(measured, [once, once]);
});

Deno.test.each([
  { name: "traps", end: "unreachable" },
  { name: "is ended", end: "(call $random (i32.const -1) (i32.const 8)) (call $clean)" },
])("sentinel.metric_add of a call that $name adds nothing", async ({ end }) => {
  const { measured } = await play(`${add(256, 1, "1")} ${end}`, { before: data(256, "a") });
  assertEquals(measured, []);
});

Deno.test("sentinel.metric_add at the start is told when the instance has started", async () => {
  const initialize = `(func (export "_initialize") ${add(256, 1, "1")})`;
  const { measured } = await play("(call $clean)", { before: data(256, "a") + initialize });
  assertEquals(measured, [{ added: [["a", 1]], uncounted: [] }]);
});

Deno.test.each([
  { name: "a name that begins with a digit", text: "1a", length: 2, why: "name" },
  { name: "a name with a dash", text: "a-b", length: 3, why: "name" },
  { name: "a name with a newline at its end", text: "a\\n", length: 2, why: "name" },
  { name: "a name that is not UTF-8", text: "a\\ff", length: 2, why: "name" },
  { name: "no name", text: "", length: 0, why: "name" },
  { name: "a name of 65 bytes", text: "a".repeat(65), length: 65, why: "name" },
  { name: "a value below 0", text: "a", length: 1, value: "-1", why: "value" },
  { name: "a value that is none", text: "a", length: 1, value: "nan", why: "value" },
  { name: "a value without end", text: "a", length: 1, value: "inf", why: "value" },
])("sentinel.metric_add does not count $name, which is no fault of the call", async ({ text, length, value, why }) => {
  const body = `${add(256, length, value ?? "1")} ${add(256, length, value ?? "1")} ${add(384, 2, "3")} (call $clean)`;
  const { outcome, measured } = await play(body, { before: data(256, text) + data(384, "ok") });
  assert("value" in outcome);
  assertEquals(measured.map(({ added }) => added), [[["ok", 3]]]);
  assertEquals(measured.map(({ uncounted }) => uncounted.map(([reason]) => reason)), [[why]]);
});

Deno.test("sentinel.metric_add takes a name of 64 bytes, and 0", async () => {
  const { measured } = await play(`${add(256, 64, "0")} (call $clean)`, { before: data(256, "a".repeat(64)) });
  assertEquals(measured.map(({ added }) => added), [[["a".repeat(64), 0]]]);
});

Deno.test("a module that wants more of sentinel than there is hears what there is", async () => {
  const error = await outcomeOf(async () => {
    await prepare('(module (import "sentinel" "logg" (func (param i32))) (memory (export "memory") 1))');
    return "";
  });
  assert("code" in error);
  assertEquals(error.code, "MODULE_BAD_IMPORTS");
  assertStringIncludes(error.message, '"sentinel.logg" (function (i32) -> ())');
  assertStringIncludes(error.message, `"sentinel" (${[...SENTINEL_TYPES.keys()].join(", ")})`);
});

Deno.test("a module that imports sentinel.config takes its configuration", async () => {
  const text = "(func $misbehave (result i64) (call $clean))";
  const reads = '(import "sentinel" "config" (func (param i32 i32) (result i32)))';
  assertEquals((await prepare(text)).takesConfiguration, false);
  assertEquals((await prepare(reads + text)).takesConfiguration, true);
});
