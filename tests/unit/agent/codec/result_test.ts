import { assertEquals, assertLessOrEqual, assertStringIncludes, assertThrows } from "@std/assert";
import { decodeChecked, encodeChecked } from "../../../../src/agent/codec/checked_result.ts";
import {
  MAX_UNKNOWN_KEYS,
  parseResult as parseBytes,
  type Result,
  RESULT_KEYS,
} from "../../../../src/agent/codec/result.ts";
import { GuestError } from "../../../../src/errors.ts";
import type { Decision } from "../../../../src/protocol/mod.ts";

const encoder = new TextEncoder();
const resultOf = (text: string): Result => parseBytes(encoder.encode(text));
const parseResult = (text: string): Decision => resultOf(text).decision;

const NOTHING = { requestHeaders: [], responseHeaders: [], tags: [] };

const GOOD: readonly { readonly name: string; readonly text: string; readonly decision: Decision }[] = [
  { name: "allow", text: '{"decision":"allow"}', decision: { ...NOTHING, verdict: { kind: "allow" } } },
  {
    name: "white space and any key order",
    text: ' \t\r\n{ "tags" : [ "a" ] ,\n "decision" : "allow" } ',
    decision: { ...NOTHING, tags: ["a"], verdict: { kind: "allow" } },
  },
  {
    name: "keys and words in escapes",
    text: '{"\\u0064ecision":"\\u0061llow"}',
    decision: { ...NOTHING, verdict: { kind: "allow" } },
  },
  {
    name: "allow with a status, which means nothing",
    text: '{"decision":"allow","status":200}',
    decision: { ...NOTHING, verdict: { kind: "allow" } },
  },
  {
    name: "allow with a body, which means nothing",
    text: '{"decision":"allow","body":"x"}',
    decision: { ...NOTHING, verdict: { kind: "allow" } },
  },
  {
    name: "unknown fields",
    text: '{"decision":"allow","later":{"x":[1,{"y":null}]}}',
    decision: { ...NOTHING, verdict: { kind: "allow" } },
  },
  {
    name: "a field called __proto__",
    text: '{"__proto__":{"status":404,"body":"x","tags":["a"]},"decision":"block"}',
    decision: { ...NOTHING, verdict: { kind: "block", status: 403, body: undefined } },
  },
  {
    name: "block with 403 by default",
    text: '{"decision":"block"}',
    decision: { ...NOTHING, verdict: { kind: "block", status: 403, body: undefined } },
  },
  {
    name: "deny as block",
    text: '{"decision":"deny","status":451,"body":"no"}',
    decision: { ...NOTHING, verdict: { kind: "block", status: 451, body: "no" } },
  },
  {
    name: "block with an empty body",
    text: '{"decision":"block","body":""}',
    decision: { ...NOTHING, verdict: { kind: "block", status: 403, body: "" } },
  },
  {
    name: "a body with newlines and NUL, which a block may have",
    text: '{"decision":"block","body":"a\\r\\nb\\u0000é😀\\ud83d\\ude00"}',
    decision: { ...NOTHING, verdict: { kind: "block", status: 403, body: "a\r\nb\u0000é😀😀" } },
  },
  ...[200, 301, 599].map((status) => ({
    name: `block with ${status}`,
    text: `{"decision":"block","status":${status}}`,
    decision: { ...NOTHING, verdict: { kind: "block", status, body: undefined } as const },
  })),
  {
    name: "a status written as 4.03e2",
    text: '{"decision":"block","status":4.03e2}',
    decision: { ...NOTHING, verdict: { kind: "block", status: 403, body: undefined } },
  },
  {
    name: "redirect with 302 by default",
    text: '{"decision":"redirect","body":"https://example.com/?a=b#c"}',
    decision: { ...NOTHING, verdict: { kind: "redirect", status: 302, url: "https://example.com/?a=b#c" } },
  },
  ...[300, 301, 307, 308, 399].map((status) => ({
    name: `redirect with ${status}`,
    text: `{"decision":"redirect","status":${status},"body":"/"}`,
    decision: { ...NOTHING, verdict: { kind: "redirect", status, url: "/" } as const },
  })),
  {
    name: "headers: added first, then removed, each in its order",
    text: '{"decision":"allow","remove_request_headers":["b","a"],"add_request_headers":{"z":"1","a":"2"},' +
      '"add_response_headers":{"X-Frame-Options":"DENY"},"remove_response_headers":["Server"]}',
    decision: {
      verdict: { kind: "allow" },
      requestHeaders: [
        { op: "set", name: "z", value: "1" },
        { op: "set", name: "a", value: "2" },
        { op: "remove", name: "b" },
        { op: "remove", name: "a" },
      ],
      responseHeaders: [
        { op: "set", name: "X-Frame-Options", value: "DENY" },
        { op: "remove", name: "Server" },
      ],
      tags: [],
    },
  },
  {
    name: "header names of every token character",
    text: '{"decision":"allow","add_request_headers":{"!#$%&\'*+-.^_`|~09azAZ":""}}',
    decision: {
      ...NOTHING,
      verdict: { kind: "allow" },
      requestHeaders: [{ op: "set", name: "!#$%&'*+-.^_`|~09azAZ", value: "" }],
    },
  },
  {
    name: "headers called __proto__ and constructor",
    text:
      '{"decision":"allow","add_response_headers":{"__proto__":"a","constructor":"b"},"remove_request_headers":["__proto__"]}',
    decision: {
      ...NOTHING,
      verdict: { kind: "allow" },
      requestHeaders: [{ op: "remove", name: "__proto__" }],
      responseHeaders: [
        { op: "set", name: "__proto__", value: "a" },
        { op: "set", name: "constructor", value: "b" },
      ],
    },
  },
  {
    name: "header values with tabs, quotes and characters beyond ASCII",
    text: '{"decision":"allow","add_request_headers":{"a":"\\t\\"é😀 "}}',
    decision: {
      ...NOTHING,
      verdict: { kind: "allow" },
      requestHeaders: [{ op: "set", name: "a", value: '\t"é😀 ' }],
    },
  },
  {
    name: "the same key in two objects",
    text: '{"decision":"allow","add_request_headers":{"a":"1"},"add_response_headers":{"a":"1"},"a":{"a":{"a":1}}}',
    decision: {
      ...NOTHING,
      verdict: { kind: "allow" },
      requestHeaders: [{ op: "set", name: "a", value: "1" }],
      responseHeaders: [{ op: "set", name: "a", value: "1" }],
    },
  },
  {
    name: "strings that look like keys",
    text: '{"decision":"block","body":"\\"a\\":1,\\"a\\":2,{\\"decision\\":\\"allow\\"}\\\\","tags":["x\\":","x\\":"]}',
    decision: {
      ...NOTHING,
      verdict: { kind: "block", status: 403, body: '"a":1,"a":2,{"decision":"allow"}\\' },
      tags: ['x":', 'x":'],
    },
  },
  {
    name: "tags in their order, repeated ones too",
    text: '{"decision":"allow","tags":["b","a","b",""]}',
    decision: { ...NOTHING, verdict: { kind: "allow" }, tags: ["b", "a", "b", ""] },
  },
  {
    name: "empty lists and objects",
    text: '{"decision":"allow","tags":[],"add_request_headers":{},"remove_request_headers":[]}',
    decision: { ...NOTHING, verdict: { kind: "allow" } },
  },
];

for (const { name, text, decision } of GOOD) {
  Deno.test(`parseResult() takes ${name}`, () => assertEquals(parseResult(text), decision));

  Deno.test(`decodeChecked() gives what encodeChecked() was given: ${name}`, () => {
    const text_ = encoder.encode(text);
    assertEquals(
      JSON.stringify(decodeChecked(encodeChecked(text_, { dialect: "agent/1" }))),
      JSON.stringify(parseBytes(text_)),
    );
  });
}

Deno.test("parseResult() takes a body of a mebibyte", () => {
  const body = "x".repeat(1024 * 1024);
  assertEquals(parseResult(JSON.stringify({ decision: "block", body })).verdict, { kind: "block", status: 403, body });
});

Deno.test("parseResult() takes a body of half a million escapes", () => {
  const body = '"'.repeat(512 * 1024);
  assertEquals(parseResult(JSON.stringify({ decision: "block", body })).verdict, { kind: "block", status: 403, body });
});

const NOT_OBJECTS = [
  { name: "nothing", text: "" },
  { name: "white space", text: "  \n" },
  { name: "text", text: "allow" },
  { name: "a string", text: '"allow"' },
  { name: "null", text: "null" },
  { name: "a number", text: "200" },
  { name: "true", text: "true" },
  { name: "a list", text: '["allow"]' },
  { name: "a list of a decision", text: '[{"decision":"allow"}]' },
  { name: "an object cut short", text: '{"decision":"allow"' },
  { name: "two objects", text: '{"decision":"allow"}{"decision":"allow"}' },
  { name: "bytes behind", text: '{"decision":"allow"}\u0000' },
  { name: "a byte order mark", text: '\ufeff{"decision":"allow"}' },
  { name: "a trailing comma", text: '{"decision":"allow",}' },
  { name: "single quotes", text: "{'decision':'allow'}" },
  { name: "a comment", text: '{"decision":"allow"/**/}' },
  { name: "NaN", text: '{"decision":"allow","status":NaN}' },
  { name: "a raw newline in a string", text: '{"decision":"block","body":"a\nb"}' },
];

const DECISIONS = [
  undefined,
  null,
  "",
  "alow",
  "Allow",
  "ALLOW",
  "allow ",
  " allow",
  "block\u0000",
  "challenge",
  "pass",
  true,
  false,
  0,
  1,
  200,
  ["allow"],
  { allow: null },
  {},
  [],
  "toString",
  "__proto__",
];

/** Values that no field of that kind may have. */
const BAD_STATUS = ["403", true, [], {}, [403], 0, -1, 199, 600, 1000, 65536, 403.5, -403, 1e300, 2 ** 53];
const BAD_REDIRECT_STATUS = ["302", 200, 299, 400, 403, 302.5];
const BAD_STRING = [1, true, [], {}, ["x"]];
const BAD_LIST = ["x", 1, true, {}, { "0": "x" }, [1], [null], ["a", null], [["a"]], [{}], [true]];
const BAD_HEADERS = ["x", 1, true, [], [["a", "b"]], { a: 1 }, { a: null }, { a: true }, { a: ["b"] }, { a: {} }];
const BAD_NAMES = [
  "",
  " ",
  "a b",
  "a:",
  ":path",
  "a\r\nb",
  "a\n",
  "a\u0000",
  "é",
  "a(b)",
  "a,b",
  "a/b",
  "a@b",
  '"a"',
  "[a]",
  "\u007f",
  "{}",
  "a=b",
  "a;b",
  "a\\b",
  "a\t",
];
const BAD_VALUES = [
  "a\rb",
  "a\nb",
  "a\r\nset-cookie: x",
  "a\u0000",
  "\u0001",
  "\u0008",
  "\u000b",
  "\u000c",
  "\u001f",
  "a\u007f",
  "\n",
];

const ROWS: readonly { readonly fields: Readonly<Record<string, unknown>>; readonly names: string }[] = [
  ...DECISIONS.map((decision) => ({ fields: { decision }, names: "'decision'" })),
  ...["allow", "block", "deny"].flatMap((decision) =>
    BAD_STATUS.map((status) => ({ fields: { decision, status }, names: "'status'" }))
  ),
  ...BAD_REDIRECT_STATUS.map((status) => ({ fields: { decision: "redirect", body: "/", status }, names: "'status'" })),
  ...["allow", "block", "redirect"].flatMap((decision) =>
    BAD_STRING.map((body) => ({ fields: { decision, body }, names: "'body'" }))
  ),
  { fields: { decision: "redirect" }, names: "'body'" },
  { fields: { decision: "redirect", body: "" }, names: "'body'" },
  { fields: { decision: "redirect", body: null }, names: "'body'" },
  { fields: { decision: "redirect", status: 302 }, names: "'body'" },
  ...BAD_VALUES.map((body) => ({ fields: { decision: "redirect", body }, names: "'body'" })),
  ...["tags", "remove_request_headers", "remove_response_headers"].flatMap((field) =>
    BAD_LIST.map((value) => ({ fields: { decision: "block", [field]: value }, names: `'${field}'` }))
  ),
  ...["add_request_headers", "add_response_headers"].flatMap((field) => [
    ...BAD_HEADERS.map((value) => ({ fields: { decision: "allow", [field]: value }, names: `'${field}` })),
    ...BAD_NAMES.map((name) => ({ fields: { decision: "allow", [field]: { [name]: "x" } }, names: `'${field}'` })),
    ...BAD_VALUES.map((value) => ({ fields: { decision: "block", [field]: { a: value } }, names: `'${field}.a'` })),
  ]),
  ...["remove_request_headers", "remove_response_headers"].flatMap((field) =>
    BAD_NAMES.map((name) => ({ fields: { decision: "allow", [field]: ["ok", name] }, names: `'${field}'` }))
  ),
];

function assertRefused(text: string): GuestError {
  const error = assertThrows(() => parseResult(text), GuestError);
  assertEquals(error.code, "GUEST_BAD_RESULT");
  return error;
}

for (const { name, text } of NOT_OBJECTS) {
  Deno.test(`parseResult() refuses ${name}`, () => {
    assertStringIncludes(assertRefused(text).message, "result");
  });
}

for (const { fields, names } of ROWS) {
  const text = JSON.stringify(fields);
  Deno.test(`parseResult() refuses ${text} and names ${names}`, () => {
    assertStringIncludes(assertRefused(text).message, names);
  });
}

const TWICE = [
  '{"decision":"allow","decision":"allow"}',
  '{"decision":"block","decision":"allow"}',
  '{"decision":"block","\\u0064ecision":"allow"}',
  '{"decision" : "block",\n"decision"\t:"allow"}',
  '{"decision":"block","status":403,"status":200}',
  '{"decision":"allow","add_request_headers":{"a":"1","a":"2"}}',
  '{"decision":"allow","later":[{"a":1,"a":2}]}',
  '{"decision":"allow","__proto__":1,"__proto__":2}',
  '{"decision":"allow","":1,"":2}',
  '{"decision":"allow","\\"":1,"\\"":2}',
  '{"decision":"allow","1":1,"1":2}',
];

for (const text of TWICE) {
  Deno.test(`parseResult() refuses a key that stands twice: ${text}`, () => {
    assertStringIncludes(assertRefused(text).message, "twice");
  });
}

const SURROGATES = [
  '{"decision":"block","body":"\\ud800"}',
  '{"decision":"block","body":"\\udc00\\ud800"}',
  '{"decision":"redirect","body":"/\\udfff"}',
  '{"decision":"allow","tags":["a\\ud800b"]}',
  '{"decision":"allow","add_request_headers":{"a":"\\ud800"}}',
  '{"decision":"allow","add_request_headers":{"\\ud800":"a"}}',
  '{"decision":"allow","remove_response_headers":["\\udc00"]}',
  '{"decision":"\\ud800"}',
];

for (const text of SURROGATES) {
  Deno.test(`parseResult() refuses a lone surrogate: ${text}`, () => {
    assertRefused(text);
  });
}

for (const status of ["1e400", "-1e400", "403.0000000000001", "9007199254740993", `${"9".repeat(400)}`]) {
  Deno.test(`parseResult() refuses the status ${status.slice(0, 20)}`, () => {
    assertRefused(`{"decision":"block","status":${status}}`);
  });
}

Deno.test.each(RESULT_KEYS.filter((key) => key !== "decision").map((key) => ({ key })))(
  "parseResult() takes null in $key for not given",
  ({ key }) => {
    for (const decision of ["allow", "block"]) {
      assertEquals(
        resultOf(JSON.stringify({ decision, [key]: null })),
        resultOf(JSON.stringify({ decision })),
      );
    }
    const redirect = { decision: "redirect", body: "/" };
    if (key !== "body") {
      assertEquals(parseResult(JSON.stringify({ ...redirect, [key]: null })), parseResult(JSON.stringify(redirect)));
    }
  },
);

Deno.test("parseResult() tells of keys that mean nothing, null or not, and of no others", () => {
  const all = Object.fromEntries(RESULT_KEYS.map((key) => [key, key === "decision" ? "allow" : null]));
  assertEquals(resultOf(JSON.stringify(all)).unknownKeys, undefined);
  const text = '{"decision":"allow","statsu":404,"Tags":null,"__proto__":{"x":1},"constructor":1,"":[],"a\\nb":0}';
  assertEquals(resultOf(text).unknownKeys, ["statsu", "Tags", "__proto__", "constructor", "", "a\\u{a}b"]);
});

Deno.test("parseResult() tells of so many unknown keys and no more, each cut", () => {
  const keys = Array.from({ length: MAX_UNKNOWN_KEYS + 1 }, (_, index) => `${"k".repeat(10_000)}${index}`);
  const { unknownKeys = [] } = resultOf(JSON.stringify({ decision: "allow", ...Object.fromEntries(keys.entries()) }));
  assertEquals(unknownKeys.length, MAX_UNKNOWN_KEYS);
  const long = Object.fromEntries(keys.map((key) => [key, 0]));
  for (const key of resultOf(JSON.stringify({ decision: "allow", ...long })).unknownKeys ?? []) {
    assertLessOrEqual(key.length, 80);
  }
});

/** A result with so many keys and list items in all. */
const SIZED: Readonly<Record<string, (items: number) => string>> = {
  "added headers": (items) => `{"decision":"allow","add_request_headers":{${list(items - 2, (at) => `"x${at}":""`)}}}`,
  "removed headers": (items) => `{"decision":"allow","remove_response_headers":[${list(items - 2, () => '"x"')}]}`,
  "tags": (items) => `{"decision":"allow","tags":[${list(items - 2, () => '"x"')}]}`,
  "headers added and removed": (items) =>
    `{"decision":"allow","add_request_headers":{${list(1000, (at) => `"x${at}":""`)}},"remove_request_headers":[${
      list(items - 1003, () => '"x"')
    }]}`,
  "unknown keys": (items) => `{"decision":"allow",${list(items - 1, (at) => `"x${at}":0`)}}`,
  "unknown lists": (items) => `{"decision":"allow","x":[${list((items - 2) / 2, () => "[]")}]}`,
  "unknown nested objects": (items) => `{"decision":"allow","x":[${list((items - 2) / 2, () => '{"a":0}')}]}`,
  "white space in between": (items) => `{ "decision" : "allow" , "tags" : [ ${list(items - 2, () => ' "x" ')} ] }`,
};
const MAX_ITEMS = 4096;
const list = (count: number, item: (at: number) => string) => Array.from({ length: count }, (_, at) => item(at)).join();

for (const [name, textOf] of Object.entries(SIZED)) {
  Deno.test(`parseResult() takes ${MAX_ITEMS} keys and items and refuses more: ${name}`, () => {
    assertEquals(parseResult(textOf(MAX_ITEMS)).verdict, { kind: "allow" });
    // Some rows grow by two.
    assertStringIncludes(assertRefused(textOf(MAX_ITEMS + 2)).message, `${MAX_ITEMS} keys and list items`);
  });
}

for (const name of ["added headers", "tags", "unknown keys"]) {
  Deno.test(`parseResult() refuses one key or item above ${MAX_ITEMS}: ${name}`, () => {
    assertRefused(SIZED[name]!(MAX_ITEMS + 1));
  });
}

Deno.test("parseResult() counts neither commas nor brackets that stand in strings", () => {
  const body = ',:[{\\",'.repeat(2 * MAX_ITEMS);
  assertEquals(parseResult(JSON.stringify({ decision: "block", body })).verdict, { kind: "block", status: 403, body });
});

const MAX_DEPTH = 64;
/** A result that is so many objects and lists deep, itself included. */
const DEPTHS: Readonly<Record<string, (depth: number) => string>> = {
  lists: (depth) => `{"decision":"allow","x":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`,
  objects: (depth) => `{"decision":"allow","x":${'{"a":'.repeat(depth - 2)}{}${"}".repeat(depth - 1)}`,
};

for (const [name, textOf] of Object.entries(DEPTHS)) {
  Deno.test(`parseResult() takes ${name} ${MAX_DEPTH} deep and refuses one deeper`, () => {
    assertEquals(parseResult(textOf(MAX_DEPTH)).verdict, { kind: "allow" });
    assertStringIncludes(assertRefused(textOf(MAX_DEPTH + 1)).message, `${MAX_DEPTH} deep`);
  });
}

Deno.test("parseResult() shows little of a long header name, and nothing that a terminal obeys", () => {
  const text = JSON.stringify({
    decision: "allow",
    add_request_headers: { [`\u001b[2J${"A".repeat(1_000_000)}`]: "x" },
  });
  for (const refused of [text, text.replace("\\u001b[2J", "").replace('"x"', "1")]) {
    const { message } = assertRefused(refused);
    assertLessOrEqual(message.length, 400);
    // deno-lint-ignore no-control-regex -- control characters are what this is about
    assertEquals(/[\u0000-\u001f\u007f-\u009f]/.test(message), false);
  }
});

for (const fields of [{ decision: "x".repeat(100_000) }, { decision: Array(100_000).fill(1) }]) {
  Deno.test(`parseResult() shows little of a long ${typeof fields.decision}`, () => {
    assertLessOrEqual(assertRefused(JSON.stringify(fields)).message.length, 400);
  });
}

const DEPTH = 200_000;
const DEEP = [
  { name: "as an unknown field", text: `{"decision":"allow","x":${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}}` },
  { name: "as decision", text: `{"decision":${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}}` },
  { name: "of objects", text: `{"decision":"allow","x":${'{"a":'.repeat(DEPTH)}1${"}".repeat(DEPTH)}}` },
];

for (const { name, text } of DEEP) {
  Deno.test(`parseResult() takes or refuses deep nesting ${name}, and never overflows the stack`, () => {
    try {
      assertEquals(parseResult(text).verdict, { kind: "allow" });
    } catch (error) {
      if (!(error instanceof GuestError)) throw error;
      assertEquals(error.code, "GUEST_BAD_RESULT");
    }
  });
}
