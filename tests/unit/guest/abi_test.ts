import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { prepareModule } from "../../../src/guest/mod.ts";
import { custom, name } from "../wasm/assemble.ts";
import { assemble as assembleText } from "../../guests/build.ts";
import { LIMITS, prepare } from "./guests.ts";

const MEMORY = '(memory (export "memory") 1)';
const ALLOC = '(func (export "alloc") (param i32) (result i32) (i32.const 16))';
const DEALLOC = '(func (export "dealloc") (param i32 i32))';
const HANDLER = '(func (export "on_request_headers") (param i32 i32) (result i64) (i64.const 0))';
const FITTING = `${MEMORY} ${ALLOC} ${DEALLOC} ${HANDLER}`;

const language = (what: string) => custom("producers", 1, ...name("language"), 1, ...name(what), ...name("1"));
const exported = (...names: string[]) => names.map((each) => `(func (export "${each}"))`).join(" ");
const imported = (module: string, item: string) => `(import "${module}" "${item}" (func))`;

async function refusalOf(text: string, ...sections: readonly number[][]): Promise<ModuleError> {
  const bytes = await assembleText("module", `(module ${text})`);
  const whole = new Uint8Array([...bytes, ...sections.flat()]);
  return await assertRejects(() => prepareModule(whole, "policy.wasm", LIMITS), ModuleError);
}

interface Lookalike {
  readonly name: string;
  readonly text: string;
  readonly section?: number[];
  readonly says: readonly string[];
}

const START = `${MEMORY} ${exported("_start")}`;

const LOOKALIKES: readonly Lookalike[] = [
  {
    name: "proxy-wasm by its exports",
    text: exported("proxy_abi_version_0_2_1", "proxy_on_request_headers"),
    says: ["proxy-wasm"],
  },
  { name: "proxy-wasm by its imports", text: imported("env", "proxy_log"), says: ["proxy-wasm"] },
  { name: "http-wasm", text: imported("http_handler", "enable_features"), says: ["http-wasm"] },
  { name: "Extism", text: imported("extism:host/env", "input_load_u8"), says: ["Extism"] },
  { name: "Extism of old", text: imported("env", "extism_input_length"), says: ["Extism"] },
  { name: "OPA", text: `${imported("env", "opa_builtin0")} ${exported("opa_eval")}`, says: ["Open Policy Agent"] },
  { name: "waPC", text: imported("wapc", "__host_call"), says: ["waPC"] },
  { name: "a component's core", text: imported("wasi:http/types@0.2.0", "f"), says: ["component", "preview 1"] },
  { name: "wasm-bindgen", text: imported("wbg", "__wbindgen_throw"), says: ["wasm-bindgen"] },
  { name: "Go for a browser", text: imported("gojs", "runtime.wasmExit"), says: ["Go program", "GOOS=wasip1"] },
  { name: "a Go program", text: START, section: language("Go"), says: ["Go program", "-buildmode=c-shared"] },
  {
    name: "a Go program without producers",
    text: START,
    section: custom("go:buildid", 0),
    says: ["-buildmode=c-shared"],
  },
  { name: "a Rust program", text: START, section: language("Rust"), says: ["Rust program", '"cdylib"'] },
  { name: "a command", text: START, says: ["command", "reactor"] },
  { name: "a program with main", text: exported("main"), says: ["command", "reactor"] },
  { name: "an object file", text: "", section: custom("linking", 2), says: ["object file", "wasm-ld"] },
  { name: "a dynamic library", text: "", section: custom("dylink.0", 1), says: ["dynamic library"] },
  {
    name: "Emscripten",
    text: imported("env", "emscripten_resize_heap"),
    says: ["Emscripten", "-sSTANDALONE_WASM"],
  },
  { name: "Dart", text: imported("dart2wasm", "_1"), says: ["JavaScript"] },
];

Deno.test.each(LOOKALIKES)(
  "prepareModule() says of what it refuses that it is $name",
  async ({ text, section, says }) => {
    const { message } = await refusalOf(text, ...section === undefined ? [] : [section]);
    const [, likeness = ""] = message.split(" (this looks like ");
    for (const part of says) assertStringIncludes(likeness, part, message);
  },
);

Deno.test("prepareModule() says of no other module what it looks like, and takes one that fits whatever it looks like", async () => {
  const { message } = await refusalOf("");
  assert(!message.includes("looks like"), message);
  await prepare(`(module ${FITTING} ${exported("proxy_on_tick", "_start", "main", "opa_eval")})`);
});

Deno.test("prepareModule() lists what is exported when there is no handler: ten names, those like handlers first, escaped", async () => {
  const others = Array.from({ length: 9 }, (_, index) => `other_${index}`);
  const text = `${MEMORY} ${ALLOC} ${DEALLOC} ${exported(...others, "on_request", "a\\1b[2J")}`;
  const { code, message } = await refusalOf(text);
  assertEquals(code, "MODULE_BAD_EXPORTS");
  assertStringIncludes(message, '; exported are "on_request", "memory", "alloc", "dealloc", "other_0"');
  assertStringIncludes(message, ", and 4 more");
  const escaped = await refusalOf(exported("a\\1b[2J"));
  assertStringIncludes(escaped.message, 'exported are "a\\u{1b}[2J"');
});

Deno.test.each([
  { name: "of another type", text: '(func (export "_initialize") (param i64))', received: "(i64) -> ()" },
  {
    name: "that has a result",
    text: '(func (export "_initialize") (result i32) (i32.const 0))',
    received: "() -> i32",
  },
  { name: "that is no function", text: '(global (export "_initialize") i32 (i32.const 1))', received: "global i32" },
])("prepareModule() refuses an _initialize $name", async ({ text, received }) => {
  const { code, message } = await refusalOf(`${FITTING} ${text}`);
  assertEquals(code, "MODULE_BAD_EXPORTS");
  assertStringIncludes(message, `"_initialize" must be () -> (): received ${received}`);
});

Deno.test("prepareModule() cuts the types and names that a refusal tells", async () => {
  const many = `(param ${Array(900).fill("i64").join(" ")})`;
  const exports = await refusalOf(`${MEMORY} ${DEALLOC} ${HANDLER} (func (export "alloc") ${many})`);
  assert(exports.message.length < 500, `${exports.message.length}`);
  const imports = Array.from({ length: 300 }, (_, i) => `(import "env" "x\\0a${i}${"A".repeat(900)}" (func ${many}))`);
  const { message } = await refusalOf(imports.join(" "));
  assert(message.length < 4_000 && !message.includes("\n"), message);
  assertStringIncludes(message, "and 290 more");
});

Deno.test("prepareModule() tells the functions that look like handlers and are none, with the nearest handler", async () => {
  const names = ["on_request_header", "on_response_headers_", "onRequestHeaders", "on-response-headers", "On_Request"];
  const others = ["onset", "once", "alloc_on", "xon_request_headers"];
  const text = `(module ${FITTING} ${exported(...names, ...others)} (global (export "on_global") i32 (i32.const 1)))`;
  const { unknownHandlers } = await prepare(text);
  assertEquals(unknownHandlers.map(({ name, nearest }) => `${name} ${nearest}`), [
    "on_request_header on_request_headers",
    "on_response_headers_ on_response_headers",
    "onRequestHeaders on_request_headers",
    "on-response-headers on_response_headers",
    "On_Request on_request_headers",
  ]);
  assertEquals((await prepare(`(module ${FITTING})`)).unknownHandlers, []);
});

Deno.test("prepareModule() tells ten functions that look like handlers, their names escaped and cut", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `on_\\0a${index}${"x".repeat(500)}`);
  const { unknownHandlers } = await prepare(`(module ${FITTING} ${exported(...names)})`);
  assertEquals(unknownHandlers.length, 10);
  for (const { name } of unknownHandlers) assert(name.startsWith("on_\\u{a}") && name.length <= 80, name);
});
