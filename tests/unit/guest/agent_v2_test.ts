import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { GuestError, ModuleError } from "../../../src/errors.ts";
import { ABIS, Guest, prepareModule } from "../../../src/guest/mod.ts";
import { assemble } from "../../guests/build.ts";
import { callOf, LIMITS, PatientGuard, prepare, textOf } from "./guests.ts";

/** Answers an event with all that it was told by `configure`, and counts what is not given back in `blocks`. */
const TELLS = `(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 4096))
  (global $blocks (mut i32) (i32.const 0))
  (global $told (mut i32) (i32.const 0))
  (global $at (mut i32) (i32.const 0))
  (func (export "agent_abi_version") (result i32) (i32.const 2))
  (func (export "alloc") (param $size i32) (result i32)
    (global.set $blocks (i32.add (global.get $blocks) (i32.const 1)))
    (global.set $at (global.get $next))
    (global.set $next (i32.add (global.get $next) (local.get $size)))
    (global.get $at))
  (func (export "dealloc") (param i32 i32)
    (global.set $blocks (i32.sub (global.get $blocks) (i32.const 1))))
  (func (export "configure") (param $at i32) (param $length i32) (result i64)
    (if (i32.ne (global.get $blocks) (i32.const 1)) (then (unreachable)))
    (global.set $told (local.get $length))
    (memory.copy (i32.const 64) (local.get $at) (local.get $length))
    (i64.const 0))
  (func (export "on_request_headers") (param i32 i32) (result i64)
    (if (i32.ne (global.get $blocks) (i32.const 1)) (then (unreachable)))
    (global.set $blocks (i32.const 2))
    (i64.or (i64.const 0x4000000000) (i64.extend_i32_u (global.get $told)))))`;

/** Whose `configure` answers so, and whose `agent_abi_version` so. */
function guestText(answer: string, version = 2): string {
  const text = answer.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  const length = new TextEncoder().encode(answer).length;
  return `(data (i32.const 1024) "${text}")
    (func (export "agent_abi_version") (result i32) (i32.const ${version}))
    (func (export "configure") (param i32 i32) (result i64) (i64.const ${(1024n << 32n) | BigInt(length)}))
    (func $misbehave (result i64) (unreachable))`;
}

const start = async (text: string) => new Guest(await prepare(text), { guard: new PatientGuard(), output: () => {} });

Deno.test("a guest of agent/2 gets its configuration before its first event, in memory that is all given back", async () => {
  const configuration = '{"key":"é"}';
  const bytes = await assemble("tells", TELLS);
  const module = await prepareModule(bytes, "tells.wasm", LIMITS, ABIS, configuration);
  assertEquals([module.abi, module.dialect, module.takesConfiguration], ["agent/2", "agent/2", true]);
  const guest = new Guest(structuredClone(module), { guard: new PatientGuard(), output: () => {} });
  for (let round = 0; round < 3; round++) assertEquals(guest.call(callOf(), textOf), configuration);
});

Deno.test("a guest of agent/2 gets {} where nobody configures it", async () => {
  assertEquals((await start(TELLS)).call(callOf(), textOf), "{}");
});

Deno.test("a guest of agent/2 may do without configure, and one of agent/1 is never told", async () => {
  const version = '(func (export "agent_abi_version") (result i32) (i32.const 2))';
  const misbehave = "(func $misbehave (result i64) (unreachable))";
  const configure = '(func (export "configure") (param i32 i32) (result i64) (unreachable))';
  for (const [text, abi] of [[version, "agent/2"], [configure, "agent/1"]] as const) {
    const module = await prepare(`${text} ${misbehave}`);
    assertEquals([module.abi, module.takesConfiguration], [abi, false]);
    const guest = new Guest(module, { guard: new PatientGuard(), output: () => {} });
    assertEquals(guest.call(callOf(), textOf), '{"decision":"allow","tags":["clean"]}');
  }
});

for (const answer of ["{}", '{"error":null}']) {
  Deno.test(`a guest of agent/2 takes its configuration with ${answer}`, async () => {
    assertEquals((await start(guestText(answer))).call(callOf(), textOf), '{"decision":"allow","tags":["clean"]}');
  });
}

Deno.test.each([
  {
    answer: String.raw`{"error":"no\u001b key"}`,
    version: 2,
    code: "GUEST_CONFIG_REFUSED",
    says: 'received "no\\u{1b} key"',
  },
  { answer: '{"error":""}', version: 2, code: "GUEST_CONFIG_REFUSED", says: 'received ""' },
  { answer: '{"error":1}', version: 2, code: "GUEST_BAD_RESULT", says: "an error that is no string" },
  { answer: '{"eror":"x"}', version: 2, code: "GUEST_BAD_RESULT", says: "other keys" },
  { answer: "[]", version: 2, code: "GUEST_BAD_RESULT", says: "other JSON" },
  { answer: "null", version: 2, code: "GUEST_BAD_RESULT", says: "other JSON" },
  { answer: "x", version: 2, code: "GUEST_BAD_RESULT", says: "other bytes" },
  ...[0, 1, 3, -1].map((version) => ({
    answer: "{}",
    version,
    code: "GUEST_ABI_UNKNOWN",
    says: `must answer 2 (a module of version 1 does not export it): received ${version}`,
  })),
])(
  "a guest of agent/$version whose configure answers $answer does not start",
  async ({ answer, version, code, says }) => {
    const module = await prepare(guestText(answer, version));
    const error = assertThrows(
      () => new Guest(module, { guard: new PatientGuard(), output: () => {} }),
      GuestError,
    );
    assertEquals(error.code, code);
    assertStringIncludes(error.message, says);
  },
);

Deno.test("prepareModule() refuses what agent/2 would call under another type", async () => {
  const text = `(func (export "agent_abi_version") (result i64) (i64.const 2))
    (func (export "configure") (param i32) (result i64) (i64.const 0))
    (func $misbehave (result i64) (unreachable))`;
  const { code, message } = await assertRejects(() => prepare(text), ModuleError);
  assertEquals(code, "MODULE_BAD_EXPORTS");
  assertStringIncludes(message, '"agent_abi_version" must be () -> i32: received () -> i64');
  assertStringIncludes(message, '"configure" must be (i32, i32) -> i64: received (i32) -> i64');
});
