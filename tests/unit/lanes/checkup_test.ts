import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { ModuleConfig } from "../../../src/config/mod.ts";
import { ConfigError } from "../../../src/errors.ts";
import { type Checkup, checkUp } from "../../../src/lanes/mod.ts";
import { assembleGuest } from "../../guests/build.ts";
import { agentConfig } from "../config/configs.ts";
import { guestText, LIMITS, useProgramsThreads } from "../guest/guests.ts";

useProgramsThreads();

/** What is known of a file with these contents, or of a path. */
async function checkedUp(file: Uint8Array | string, changes: Partial<ModuleConfig> = {}): Promise<Checkup> {
  const path = typeof file === "string" ? file : await Deno.makeTempFile({ suffix: ".wasm" });
  try {
    if (typeof file !== "string") await Deno.writeFile(path, file);
    const [module] = agentConfig().modules;
    const config = agentConfig({
      modules: [{
        ...module,
        name: "guest.wasm",
        path,
        poolSize: 1,
        reserveThreads: 0,
        configuration: { json: "{}" },
        limits: LIMITS,
        ...changes,
      }],
    });
    return await checkUp(config);
  } finally {
    if (typeof file !== "string") await Deno.remove(path);
  }
}

const codesOf = ({ faults }: Checkup) => faults.map(({ code }) => code);

Deno.test("checkUp() tells of a module that runs all that is to be known", async () => {
  const bytes = await assembleGuest("guest", guestText("counts_for_long"));
  const checkup = await checkedUp(bytes);
  assertEquals([codesOf(checkup), checkup.warnings], [[], []]);
  const { declared, started, fileBytes, sha256 } = checkup;
  assertEquals(fileBytes, bytes.length);
  assertMatch(sha256 ?? "", /^[0-9a-f]{64}$/);
  assert(declared && started);
  assertEquals(started.module.sha256, sha256);
  assertEquals(declared.fit.abi, "agent/1");
  assertEquals(declared.fit.phases, ["request_headers"]);
  assertEquals(declared.fit.exports.filter(({ used }) => used).map(({ name }) => name).sort(), [
    "alloc",
    "dealloc",
    "memory",
    "on_request_headers",
  ]);
  const { build } = started.module;
  assert(build.rewrittenBytes > bytes.length && build.insertions > 0 && build.rewriteMs > 0 && build.compileMs > 0);
  assertEquals(build.memories.map(({ min, max }) => [min, max]), [[2, LIMITS.maxMemoryMiB * 16]]);
  assert(started.startMs !== undefined && started.startMs > 0);
  assertEquals(started.memoryBytes, 2 * 65_536);
});

Deno.test("checkUp() tells of each import whether this host provides it", async () => {
  const { declared, faults } = await checkedUp(
    await assembleGuest(
      "guest",
      `(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (import "env" "abort" (func (param i32)))
  (import "host" "call" (func (param f64) (result i64)))
  (func $misbehave (result i64) (call $clean))`,
    ),
  );
  assertEquals(declared?.fit.imports, [
    {
      module: "wasi_snapshot_preview1",
      name: "fd_write",
      wanted: "function (i32, i32, i32, i32) -> i32",
      offered: "(i32, i32, i32, i32) -> i32",
      fits: true,
    },
    {
      module: "env",
      name: "abort",
      wanted: "function (i32) -> ()",
      offered: "(i32, i32, i32, i32) -> ()",
      fits: false,
    },
    { module: "host", name: "call", wanted: "function (f64) -> i64", offered: undefined, fits: false },
  ]);
  assertEquals(faults.map(({ code }) => code), ["MODULE_BAD_IMPORTS"]);
});

Deno.test.each<{ readonly name: string; readonly text: string; readonly codes: readonly string[] }>([
  { name: "no handler", text: '(module (memory (export "memory") 1))', codes: ["MODULE_BAD_EXPORTS"] },
  {
    name: "neither exports nor imports that fit",
    text: '(module (import "a" "b" (func)))',
    codes: ["MODULE_BAD_IMPORTS", "MODULE_BAD_EXPORTS"],
  },
  {
    name: "too much memory, and no exports",
    text: "(module (memory 65))",
    codes: ["MODULE_MEMORY_TOO_LARGE", "MODULE_BAD_EXPORTS"],
  },
  { name: "a trap at its start", text: guestText("initialize_traps"), codes: ["MODULE_DOES_NOT_START"] },
  { name: "an alloc that answers 0", text: guestText("alloc_answers_zero"), codes: [] },
])("checkUp() tells every reason why a module does not run: $name", async ({ text, codes }) => {
  assertEquals(codesOf(await checkedUp(await assembleGuest("guest", text))), codes);
});

Deno.test("checkUp() tells what a module had declared that does not start, and where it failed", async () => {
  const { declared, faults, started } = await checkedUp(await assembleGuest("guest", guestText("initialize_traps")));
  assertEquals([declared?.fit.abi, started], ["agent/1", undefined]);
  assertMatch(faults[0]?.message ?? "", / in _initialize \(function \d+, byte 0x[0-9a-f]+\)/);
});

Deno.test("checkUp() ends a start that does not end", async () => {
  const limits = { ...LIMITS, startTimeoutMs: 50 };
  const { faults } = await checkedUp(await assembleGuest("guest", guestText("start_spins")), { limits });
  assertEquals(faults.map(({ code }) => code), ["MODULE_DOES_NOT_START"]);
});

const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

Deno.test.each<{ readonly name: string; readonly file: Uint8Array | string; readonly code: string }>([
  { name: "is not there", file: "/nowhere/guest.wasm", code: "MODULE_UNREADABLE" },
  { name: "is a folder", file: "/", code: "MODULE_UNREADABLE" },
  { name: "is empty", file: new Uint8Array(), code: "MODULE_NOT_WASM" },
  { name: "is text", file: new TextEncoder().encode("(module)"), code: "MODULE_NOT_WASM" },
  { name: "is a component", file: new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), code: "MODULE_NOT_WASM" },
  { name: "ends within a section", file: new Uint8Array([...magic, 1, 9, 1]), code: "MODULE_MALFORMED" },
  {
    name: "has a count without end",
    file: new Uint8Array([...magic, 1, 5, 255, 255, 255, 255, 15]),
    code: "MODULE_MALFORMED",
  },
])("checkUp() refuses a file that $name", async ({ file, code }) => {
  const { faults, declared, started } = await checkedUp(file);
  assertEquals([faults.map((fault) => fault.code), declared, started], [[code], undefined, undefined]);
});

Deno.test("checkUp() warns of handlers that are none, of a configuration that nobody reads, of much memory, and of a long start", async () => {
  const text = `(module (memory (export "memory") 60)
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "dealloc") (param i32 i32))
  (func (export "on_request_header") (param i32 i32) (result i64) (i64.const 0))
  (func (export "on_request_headers") (param i32 i32) (result i64) (i64.const 0)))`;
  const { faults, warnings } = await checkedUp(await assembleGuest("guest", text), {
    configuration: { json: '{"a":1}' },
    // No start is as short as that.
    limits: { ...LIMITS, timeoutMs: 0.000_001 },
  });
  assertEquals(faults, []);
  assertEquals(warnings.map((text) => /never called|never read|longer to start|of the memory/.exec(text)?.[0]), [
    "never called",
    "never read",
    "longer to start",
    "of the memory",
  ]);
});

Deno.test.each([{ pages: 48, warned: 0 }, { pages: 49, warned: 1 }])(
  "checkUp() warns of a start with more than three quarters of the memory: $pages of 64 pages",
  async ({ pages, warned }) => {
    const text = `(module (memory (export "memory") ${pages})
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "dealloc") (param i32 i32))
  (func (export "on_request_headers") (param i32 i32) (result i64) (i64.const 0)))`;
    const { warnings } = await checkedUp(await assembleGuest("guest", text));
    assertEquals(warnings.length, warned);
  },
);

Deno.test("checkUp() throws for a configuration that cannot be read, because that is no fault of the module", async () => {
  const bytes = await assembleGuest("guest", guestText("traps"));
  await assertRejects(() => checkedUp(bytes, { configuration: { path: "/nowhere.json" } }), ConfigError);
});

Deno.test("checkUp() shows what a module prints at its start", async () => {
  const text = `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 256) "\\08\\01\\00\\00\\06\\00\\00\\00hello\\n")
  (func (export "_initialize") (drop (call $write (i32.const 1) (i32.const 256) (i32.const 1) (i32.const 300))))
  (func $misbehave (result i64) (call $clean))`;
  const { printed } = await checkedUp(await assembleGuest("guest", text));
  assertEquals(printed.map(({ stream, line }) => [stream, line]), [["stdout", "hello"]]);
});
