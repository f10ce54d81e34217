import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import {
  booleanAt,
  countAt,
  headersAt,
  idAt,
  isFields,
  objectAt,
  optionalCountAt,
  optionalIdAt,
  optionalSizeAt,
  optionalStringAt,
  parseJson,
  sizeAt,
  stringAt,
  stringsAt,
} from "../../../src/protocol/fields.ts";

const encoder = new TextEncoder();

Deno.test("parseJson() reads JSON in UTF-8", () => {
  assertEquals(parseJson(encoder.encode(' {"a":["é😀",1,null]}\n')), { a: ["é😀", 1, null] });
});

const NOT_JSON = [
  { name: "nothing", bytes: new Uint8Array() },
  { name: "text", bytes: encoder.encode("hello") },
  { name: "JSON cut short", bytes: encoder.encode('{"a":') },
  { name: "JSON with bytes behind", bytes: encoder.encode("{}{}") },
  { name: "a byte order mark", bytes: encoder.encode("\ufeff{}") },
  { name: "a byte that is not UTF-8", bytes: Uint8Array.of(0x22, 0xff, 0x22) },
  { name: "an overlong form", bytes: Uint8Array.of(0x22, 0xc0, 0xaf, 0x22) },
  { name: "a surrogate in UTF-8", bytes: Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22) },
  { name: "a raw newline in a string", bytes: encoder.encode('"a\nb"') },
  { name: "NaN", bytes: encoder.encode("NaN") },
];

for (const { name, bytes } of NOT_JSON) {
  Deno.test(`parseJson() refuses ${name}`, () => {
    assertEquals(assertThrows(() => parseJson(bytes), ProtocolError).code, "MESSAGE_NOT_JSON");
  });
}

const LONE = "a\ud800b";
const READERS = [
  {
    reader: "stringAt",
    read: stringAt,
    good: ["", "x", "\u0000", "é😀"],
    bad: [undefined, null, 1, true, [], {}, ["x"], LONE],
  },
  {
    reader: "optionalStringAt",
    read: optionalStringAt,
    good: ["", "x"],
    bad: [1, true, [], {}, LONE],
  },
  {
    reader: "countAt",
    read: countAt,
    good: [0, 1, Number.MAX_SAFE_INTEGER],
    bad: [undefined, null, -1, 0.5, 2 ** 53, 1e300, Infinity, NaN, "1", true, [], {}, [1]],
  },
  { reader: "optionalCountAt", read: optionalCountAt, good: [0, 65535], bad: [-1, 0.5, 2 ** 53, "1", true, [], {}] },
  {
    reader: "sizeAt",
    read: sizeAt,
    good: [0, 1, 2 ** 53, 2 ** 64],
    bad: [undefined, null, -1, 0.5, 2 ** 64 + 4096, 1e300, Infinity, NaN, "1", true, [], {}, [1]],
  },
  { reader: "optionalSizeAt", read: optionalSizeAt, good: [0, 2 ** 64], bad: [-1, 0.5, 1e300, "1", true, [], {}] },
  { reader: "idAt", read: idAt, good: ["", "x"], bad: [undefined, null, 1, true, [], {}, LONE] },
  { reader: "optionalIdAt", read: optionalIdAt, good: ["", "x"], bad: [1, true, [], {}, LONE] },
  { reader: "booleanAt", read: booleanAt, good: [true, false], bad: [undefined, null, 0, 1, "true", [], {}] },
  {
    reader: "stringsAt",
    read: stringsAt,
    good: [[], ["a"], ["a", ""]],
    bad: [undefined, null, "a", {}, [1], ["a", null], [["a"]], ["a", LONE]],
  },
  {
    reader: "headersAt",
    read: headersAt,
    good: [{}, { a: [] }, { a: ["1", "2"], b: [""] }],
    bad: [undefined, null, [], "a", 1, { a: "1" }, { a: [1] }, { a: null }, { a: {} }, { a: ["1", null] }, {
      a: [LONE],
    }, { [LONE]: [] }],
  },
];

for (const { reader, read, good, bad } of READERS) {
  for (const value of good) {
    Deno.test(`${reader}() gives ${JSON.stringify(value)}`, () =>
      assertEquals<unknown>(read({ x: value }, "x"), value));
  }
  for (const value of bad) {
    const shown = value === undefined ? "nothing" : typeof value === "number" ? value : JSON.stringify(value);
    Deno.test(`${reader}() refuses ${shown} and names the field`, () => {
      const error = assertThrows(() => read({ x: value }, "x"), ProtocolError, "'x'");
      assertEquals(error.code, "MESSAGE_BAD_FIELD");
    });
  }
}

for (const read of [optionalStringAt, optionalIdAt, optionalCountAt, optionalSizeAt]) {
  for (const fields of [{}, { x: null }]) {
    Deno.test(`${read.name}() gives undefined for ${JSON.stringify(fields)}`, () => {
      assertEquals(read(fields, "x"), undefined);
    });
  }
}

Deno.test("headersAt() keeps a header called __proto__", () => {
  const fields = objectAt(parseJson(encoder.encode('{"headers":{"__proto__":["a"],"constructor":["b"]}}')), "payload");
  assertEquals(Object.entries(headersAt(fields, "headers")), [["__proto__", ["a"]], ["constructor", ["b"]]]);
});

Deno.test("headersAt() checks the values of a header called __proto__", () => {
  const fields = objectAt(parseJson(encoder.encode('{"headers":{"__proto__":[1]}}')), "payload");
  assertThrows(() => headersAt(fields, "headers"), ProtocolError);
});

const OBJECTS = [
  { value: {}, object: true },
  { value: { a: 1 }, object: true },
  { value: null, object: false },
  { value: [], object: false },
  { value: "x", object: false },
  { value: 1, object: false },
  { value: undefined, object: false },
];

for (const { value, object } of OBJECTS) {
  Deno.test(`isFields() and objectAt() ${object ? "take" : "refuse"} ${JSON.stringify(value)}`, () => {
    assertEquals(isFields(value), object);
    if (object) assertEquals<unknown>(objectAt(value, "p"), value);
    else assertThrows(() => objectAt(value, "p"), ProtocolError, "'p' must be an object");
  });
}
