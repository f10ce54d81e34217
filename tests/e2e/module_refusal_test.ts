import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assemble } from "../guests/build.ts";
import { EXAMPLE_MODULE, ROOT, runAgent, TempDir } from "./agent_process.ts";

const FITTING: Readonly<Record<string, string>> = {
  memory: `(memory (export "memory") 1)`,
  alloc: `(func (export "alloc") (param i32) (result i32) (i32.const 16))`,
  dealloc: `(func (export "dealloc") (param i32 i32))`,
  on_request_headers: `(func (export "on_request_headers") (param i32 i32) (result i64) (i64.const 0))`,
};

/** A module with some of its parts changed, put before the others, or left out. */
function moduleText(changed: Readonly<Record<string, string>>): string {
  const { before = "", ...rest } = changed;
  return `(module ${before} ${Object.values({ ...FITTING, ...rest }).join(" ")})`;
}

const ONE_HANDLER = [`"on_request_headers" or "on_response_headers"`, "(i32, i32) -> i64"];

const REFUSED: readonly { readonly name: string; readonly text: string; readonly says: readonly string[] }[] = [
  { name: "without memory", text: moduleText({ memory: "" }), says: [`missing "memory"`] },
  { name: "without alloc", text: moduleText({ alloc: "" }), says: [`missing "alloc": (i32) -> i32`] },
  { name: "without dealloc", text: moduleText({ dealloc: "" }), says: [`missing "dealloc": (i32, i32) -> ()`] },
  { name: "without a handler", text: moduleText({ on_request_headers: "" }), says: ONE_HANDLER },
  {
    name: "without anything",
    text: "(module)",
    says: [`missing "memory"`, `missing "alloc"`, `missing "dealloc"`, ...ONE_HANDLER],
  },
  {
    name: "with an alloc of another type",
    text: moduleText({ alloc: `(func (export "alloc") (param i64) (result i32) (i32.const 16))` }),
    says: [`"alloc" must be (i32) -> i32: received (i64) -> i32`],
  },
  {
    name: "with a dealloc of another type",
    text: moduleText({ dealloc: `(func (export "dealloc") (param i32))` }),
    says: [`"dealloc" must be (i32, i32) -> (): received (i32) -> ()`],
  },
  {
    name: "with a handler of another type",
    text: moduleText({
      on_request_headers: `(func (export "on_request_headers") (param i32 i32) (result i32) (i32.const 0))`,
    }),
    says: [`"on_request_headers" must be (i32, i32) -> i64: received (i32, i32) -> i32`],
  },
  {
    name: "with a second handler of another type",
    text: moduleText({ more: `(func (export "on_response_headers"))` }),
    says: [`"on_response_headers" must be (i32, i32) -> i64: received () -> ()`],
  },
  {
    name: "whose alloc is a global",
    text: moduleText({ alloc: `(global (export "alloc") i32 (i32.const 0))` }),
    says: [`"alloc" must be (i32) -> i32: received global`],
  },
  {
    name: "with an unknown import",
    text: moduleText({ before: `(import "env" "foo" (func (param i32)))` }),
    says: [`"env.foo" (function (i32) -> ())`, "this host provides"],
  },
  {
    name: "with unknown imports of three kinds",
    text: moduleText({
      before: `(import "a" "f" (func)) (import "b" "m" (table 1 funcref)) (import "c" "g" (global i32))`,
    }),
    says: [`"a.f"`, `"b.m"`, `"c.g"`],
  },
  {
    name: "with a known import of another type",
    text: moduleText({ before: `(import "wasi_snapshot_preview1" "fd_write" (func (param i32)))` }),
    says: [`"wasi_snapshot_preview1.fd_write"`, "(i32) -> ()", "(i32, i32, i32, i32) -> i32"],
  },
  {
    name: "with an _initialize of another type",
    text: moduleText({ more: `(func (export "_initialize") (param i64))` }),
    says: [`"_initialize" must be () -> (): received (i64) -> ()`],
  },
  {
    name: "whose handler has a slip in its name",
    text: moduleText({ on_request_headers: `(func (export "on_request_header"))` }),
    says: [...ONE_HANDLER, `exported are "on_request_header", "memory"`],
  },
  {
    name: "with a function that is too large",
    text: moduleText({ more: `(func (local ${Array(20_001).fill("i32").join(" ")}))` }),
    says: ["function 3", "10000", "received 20001"],
  },
  {
    name: "with a loop of exceptions",
    text: moduleText({ before: `(tag (param externref))` }),
    says: ["a reference, externref", "--allow-gc"],
  },
  {
    name: "that is a command",
    text: `(module ${FITTING.memory} (func (export "_start")))`,
    says: [`missing "alloc"`, "a command", "reactor"],
  },
];

Deno.test.each(REFUSED)("agent refuses a module $name with 1, naming both", async ({ text, says }) => {
  using dir = new TempDir();
  await assertRefused(dir, dir.write("policy.wasm", await assemble("policy", text)), says);
});

const COMPONENT = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00);
/** One function with an opcode that nobody knows. */
const BROKEN_BODY = Uint8Array.of(...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...[1, 4, 1, 0x60, 0, 0], ...[3, 2, 1, 0], ...[
  10,
  4,
  1,
  2,
  0,
  0x27,
]);
const EXAMPLE = Deno.readFileSync(`${ROOT}${EXAMPLE_MODULE}`);

Deno.test.each<{ readonly name: string; readonly bytes: Uint8Array; readonly says: readonly string[] }>([
  { name: "is empty", bytes: new Uint8Array(), says: ["WebAssembly"] },
  { name: "is text", bytes: new TextEncoder().encode("#!/bin/sh\nexit 0\n"), says: ["WebAssembly"] },
  {
    name: "is a module's text",
    bytes: new TextEncoder().encode(";; mine\n(; 1 ;) (module)"),
    says: [".wat", "wat2wasm"],
  },
  { name: "is compressed", bytes: Uint8Array.of(0x1f, 0x8b, 8, 0, 0), says: ["a gzip file", "Unpack it"] },
  { name: "is a program", bytes: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2), says: ["ELF", "Wasm target"] },
  { name: "is a web page", bytes: new TextEncoder().encode("\n<!DOCTYPE html>"), says: ["a web page"] },
  { name: "has an unknown instruction", bytes: BROKEN_BODY, says: ["code section", "at byte"] },
  { name: "is a component", bytes: COMPONENT, says: ["component"] },
  { name: "ends in its header", bytes: EXAMPLE.slice(0, 6), says: [] },
  { name: "ends in its code", bytes: EXAMPLE.slice(0, EXAMPLE.length >> 1), says: [] },
  { name: "lacks its last byte", bytes: EXAMPLE.slice(0, -1), says: [] },
  { name: "has a byte too many", bytes: Uint8Array.of(...EXAMPLE, 0xff), says: [] },
])("agent refuses a file that $name with 1, naming it", async ({ bytes, says }) => {
  using dir = new TempDir();
  await assertRefused(dir, dir.write("policy.wasm", bytes), says);
});

Deno.test("agent refuses a file that is not there with 1, naming it", async () => {
  using dir = new TempDir();
  const path = dir.at("policy.wasm");
  const { code, stderr } = await runAgent({ socket: dir.at("a.sock"), module: path });
  assertEquals(code, 1);
  assertMatch(stderr, /^sentinel-wasm-agent: Cannot read module [^\n]+No such file[^\n]+\n$/);
  assertStringIncludes(stderr, `"${path}"`);
  assertEquals([...Deno.readDirSync(dir.path)], []);
});

Deno.test("agent refuses a file that it has no grant for with 1, naming the grant", async () => {
  using dir = new TempDir();
  const path = dir.write("policy.wasm", EXAMPLE);
  const options = ["--module", path, "--socket", dir.at("a.sock")];
  const { code, stderr } = await runAgent({ socket: dir.at("a.sock"), bare: true, options });
  assertEquals(code, 1);
  assertStringIncludes(stderr, `(grant --allow-read=${path})`);
});

async function assertRefused(dir: TempDir, module: string, says: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runAgent({ socket: dir.at("a.sock"), module });
  assertEquals({ code, stdout }, { code: 1, stdout: "" });
  assertMatch(stderr, /^sentinel-wasm-agent: Cannot \w+ module "policy\.wasm" [^\n]+\n$/);
  for (const part of says) assertStringIncludes(stderr, part);
  assertEquals([...Deno.readDirSync(dir.path)].map((entry) => entry.name), ["policy.wasm"]);
}
