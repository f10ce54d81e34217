import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { type ExternType, formatType, inspectModule } from "../../../src/wasm/mod.ts";
import { assemble, custom, name, section } from "./assemble.ts";

const signature = section(1, 2, 0x60, 2, 0x7f, 0x7f, 1, 0x7e, 0x60, 1, 0x7f, 0);

Deno.test("inspectModule() resolves imports and exports of every kind", () => {
  const info = inspectModule(assemble(
    signature,
    section(
      2,
      ...[5, ...name("env"), ...name("f"), 0, 0],
      ...[...name("env"), ...name("t"), 1, 0x70, 1, 2, 9],
      ...[...name("env"), ...name("m"), 2, 5, 1, 0x10],
      ...[...name("env"), ...name("g"), 3, 0x7c, 1],
      ...[...name("env"), ...name("e"), 4, 0, 1],
    ),
    section(3, 1, 1),
    section(5, 1, 0, 3),
    section(7, 3, ...name("f"), 0, 1, ...name("m"), 2, 1, ...name("imported"), 0, 0),
    section(10, 1, 2, 0, 0x0b),
  ));
  assertEquals(info.imports.map(({ name, type }) => `${name}: ${formatType(type)}`), [
    "f: (i32, i32) -> i64",
    "t: table of funcref (2 to 9 entries)",
    "m: memory (1 to 16 pages, 64-bit)",
    "g: mutable global f64",
    "e: tag (i32)",
  ]);
  assertEquals(info.exports.map(({ name, type }) => `${name}: ${formatType(type)}`), [
    "f: (i32) -> ()",
    "m: memory (3 or more pages)",
    "imported: (i32, i32) -> i64",
  ]);
  assertEquals(info.functionCount, 2);
  assertEquals(info.memories.length, 2);
  assertEquals(info.start, undefined);
});

Deno.test("inspectModule() takes names that are special in JS as names", () => {
  const names = ["__proto__", "constructor", "then", ""];
  const info = inspectModule(assemble(
    section(1, 1, 0x60, 0, 0),
    section(3, 1, 0),
    section(7, 4, ...names.flatMap((each) => [...name(each), 0, 0])),
    section(10, 1, 2, 0, 0x0b),
  ));
  assertEquals(info.exports.map((each) => each.name), names);
});

Deno.test("inspectModule() reads start, module name, producers and the sizes of custom sections", () => {
  const info = inspectModule(assemble(
    section(1, 1, 0x60, 0, 0),
    section(3, 1, 0),
    section(8, 0),
    section(10, 1, 2, 0, 0x0b),
    custom("name", 0, 7, ...name("policy")),
    custom("producers", 1, ...name("language"), 1, ...name("Rust"), ...name("1.63")),
    custom("other", 1, 2, 3),
  ));
  assertEquals(info.start, 0);
  assertEquals(info.name, "policy");
  assertEquals(info.producers, ["language Rust 1.63"]);
  assertEquals(info.customSections.map((each) => `${each.name} ${each.byteLength}`), [
    "name 9",
    "producers 21",
    "other 3",
  ]);
});

Deno.test("inspectModule() takes broken contents of custom sections as saying nothing", () => {
  const info = inspectModule(assemble(custom("name", 0, 99), custom("producers", 0xff, 0xff)));
  assertEquals(info.name, undefined);
  assertEquals(info.producers, []);
});

Deno.test("inspectModule() counts the members of a recursion group as types of their own", () => {
  const info = inspectModule(assemble(
    section(1, 2, 0x4e, 2, 0x50, 0, 0x5f, 1, 0x64, 1, 0, 0x5e, 0x78, 1, 0x60, 1, 0x63, 0, 1, 0x64, 1),
    section(2, 1, ...name("m"), ...name("f"), 0, 2),
  ));
  assertEquals(info.imports.map(({ type }) => formatType(type)), ["((ref null 0)) -> (ref 1)"]);
});

const refused = [
  { name: "an empty file", bytes: [], code: "MODULE_NOT_WASM", says: "an empty file" },
  {
    name: "a text module",
    bytes: [...new TextEncoder().encode("(module)")],
    code: "MODULE_NOT_WASM",
    says: "28 6d 6f",
  },
  { name: "a cut header", bytes: [0, 0x61, 0x73, 0x6d, 1], code: "MODULE_NOT_WASM", says: "version must be 1" },
  { name: "a component", bytes: [0, 0x61, 0x73, 0x6d, 13, 0, 1, 0], code: "MODULE_NOT_WASM", says: "a component" },
  { name: "an unknown section", bytes: assemble([14, 0]), code: "MODULE_MALFORMED", says: "received 14 at byte 8" },
  { name: "a size past the end", bytes: assemble([1, 5, 0]), code: "MODULE_MALFORMED", says: "1 bytes that remain" },
  {
    name: "a section twice",
    bytes: assemble(section(1, 0), section(1, 0)),
    code: "MODULE_MALFORMED",
    says: "the type section after the type section",
  },
  {
    name: "sections out of order",
    bytes: assemble(section(6, 0), section(13, 0)),
    code: "MODULE_MALFORMED",
    says: "the tag section after the global section",
  },
  { name: "bytes after the last entry", bytes: assemble(section(1, 0, 0)), code: "MODULE_MALFORMED", says: "1 more" },
  { name: "an unknown type form", bytes: assemble(section(1, 1, 0x5d, 0)), code: "MODULE_MALFORMED", says: "0x5d" },
  {
    name: "an unknown value type",
    bytes: assemble(section(1, 1, 0x60, 1, 0x65, 0)),
    code: "MODULE_MALFORMED",
    says: "0x65",
  },
  {
    name: "a function without its type",
    bytes: assemble(section(3, 1, 0)),
    code: "MODULE_MALFORMED",
    says: "received 0",
  },
  {
    name: "an export of nothing",
    bytes: assemble(section(7, 1, ...name("f"), 0, 7)),
    code: "MODULE_MALFORMED",
    says: 'the export "f" must exist: received index 7',
  },
  {
    name: "an export name twice",
    bytes: assemble(section(5, 1, 0, 1), section(7, 2, ...name("m"), 2, 0, ...name("m"), 2, 0)),
    code: "MODULE_MALFORMED",
    says: '"m" again',
  },
  { name: "unknown limits", bytes: assemble(section(5, 1, 8, 1)), code: "MODULE_MALFORMED", says: "0 to 7" },
  {
    name: "4 billion imports in 5 bytes",
    bytes: assemble(section(2, 0xff, 0xff, 0xff, 0xff, 0x0f)),
    code: "MODULE_MALFORMED",
    says: "received 4294967295",
  },
  {
    name: "a global whose value does not end",
    bytes: assemble(section(6, 1, 0x7f, 0, 0x41, 0)),
    code: "MODULE_MALFORMED",
    says: "its end",
  },
];

for (const { name, bytes, code, says } of refused) {
  Deno.test(`inspectModule() refuses ${name}`, () => {
    const error = assertThrows(() => inspectModule(new Uint8Array(bytes)), ModuleError);
    assertEquals(error.code, code);
    assertStringIncludes(error.message, says);
  });
}

Deno.test("inspectModule() refuses each cut of a module or reads it, and never fails otherwise", () => {
  const whole = assemble(
    signature,
    section(2, 1, ...name("env"), ...name("f"), 0, 0),
    section(3, 1, 1),
    section(4, 1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b),
    section(6, 1, 0x7f, 0, 0x41, 7, 0x0b),
    section(7, 1, ...name("f"), 0, 1),
    section(10, 1, 2, 0, 0x0b),
    custom("name", 0, 2, ...name("m")),
  );
  assert(WebAssembly.validate(whole));
  for (let length = 0; length < whole.length; length++) {
    try {
      inspectModule(whole.subarray(0, length));
    } catch (error) {
      assert(error instanceof ModuleError, `cut at ${length}: ${error}`);
    }
  }
  for (let at = 8; at < whole.length; at++) {
    for (const value of [0x00, 0x7f, 0x80, 0xff]) {
      const changed = whole.slice();
      changed[at] = value;
      try {
        inspectModule(changed);
      } catch (error) {
        assert(error instanceof ModuleError, `byte ${at} = ${value}: ${error}`);
      }
    }
  }
});

const formats: readonly { readonly type: ExternType; readonly text: string }[] = [
  { type: { kind: "function", params: [], results: [] }, text: "() -> ()" },
  { type: { kind: "function", params: ["i32"], results: ["i32", "i64"] }, text: "(i32) -> (i32, i64)" },
  { type: { kind: "memory", min: 1, shared: true, index64: false }, text: "memory (1 or more pages, shared)" },
  { type: { kind: "global", valueType: "i32", mutable: false }, text: "global i32" },
];

for (const { type, text } of formats) {
  Deno.test(`formatType() writes ${text}`, () => assertEquals(formatType(type), text));
}
