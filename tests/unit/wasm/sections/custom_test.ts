import { assertEquals } from "@std/assert";
import { readFunctionName, readModuleName, readProducers } from "../../../../src/wasm/sections/custom.ts";
import { readSections, type Section } from "../../../../src/wasm/sections/list.ts";
import { assemble, custom, leb, name } from "../assemble.ts";

const part = (id: number, ...contents: number[]) => [id, ...leb(contents.length), ...contents];
const MODULE_NAME = part(0, ...name("policy"));
const FUNCTION_NAMES = part(1, 2, 0, ...name("first"), 0x80, 1, ...name("last"));

/** What `read` gives for a custom section of this name and contents. */
function inCustom<T>(title: string, contents: readonly number[], read: (bytes: Uint8Array, section: Section) => T): T {
  const bytes = assemble(custom(title, ...contents));
  const [section] = readSections(bytes);
  if (section === undefined) throw new Error("assemble() has made a module without the section");
  return read(bytes, section);
}

const moduleName = (...contents: number[]) => inCustom("name", contents, readModuleName);
const functionName = (index: number, ...contents: number[]) =>
  inCustom("name", contents, (bytes, section) => readFunctionName(bytes, section, index));
const producers = (...contents: number[]) => inCustom("producers", contents, readProducers);

Deno.test("readModuleName() finds the name, whatever stands before it", () => {
  assertEquals(moduleName(...MODULE_NAME), "policy");
  assertEquals(moduleName(...part(9, 1, 2, 3), ...FUNCTION_NAMES, ...MODULE_NAME), "policy");
  assertEquals(moduleName(...FUNCTION_NAMES), undefined);
  assertEquals(moduleName(), undefined);
});

Deno.test("readFunctionName() finds the name of one function", () => {
  const section = [...MODULE_NAME, ...FUNCTION_NAMES];
  assertEquals(functionName(0, ...section), "first");
  assertEquals(functionName(128, ...section), "last");
  assertEquals(functionName(1, ...section), undefined);
  assertEquals(functionName(0, ...MODULE_NAME), undefined);
});

Deno.test("readProducers() writes each value with its field, and its version if there is one", () => {
  const language = [...name("language"), 1, ...name("Rust"), ...name("")];
  const tools = [...name("processed-by"), 2, ...name("rustc"), ...name("1.90"), ...name("clang"), ...name("20")];
  assertEquals(producers(2, ...language, ...tools), [
    "language Rust",
    "processed-by rustc 1.90",
    "processed-by clang 20",
  ]);
  assertEquals(producers(0), []);
});

for (
  const { what, read, nothing, contents } of [
    { what: "readModuleName()", read: moduleName, nothing: undefined, contents: MODULE_NAME },
    {
      what: "readFunctionName()",
      read: (...bytes: number[]) => functionName(128, ...bytes),
      nothing: undefined,
      contents: FUNCTION_NAMES,
    },
    {
      what: "readProducers()",
      read: producers,
      nothing: [],
      contents: [1, ...name("sdk"), 1, ...name("a"), ...name("1")],
    },
  ]
) {
  Deno.test(`${what} takes what is cut anywhere as saying nothing`, () => {
    for (let length = 0; length < contents.length; length++) {
      assertEquals<unknown>(read(...contents.slice(0, length)), nothing, `cut to ${length} bytes`);
    }
  });
}

Deno.test("readModuleName() takes a size or letters that cannot be as saying nothing", () => {
  assertEquals(moduleName(0, 9, 1, 0x61), undefined);
  assertEquals(moduleName(...part(0, 2, 0x61)), undefined);
  assertEquals(moduleName(...part(0, 1, 0xff)), undefined);
});
