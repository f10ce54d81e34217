import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseCases } from "../../../../src/cli/cases/cases.ts";
import { YamlText } from "../../../../src/cli/cases/yaml.ts";
import { ConfigError } from "../../../../src/errors.ts";
import { JsonSchema } from "./json_schema.ts";

const schema = new JsonSchema(
  JSON.parse(Deno.readTextFileSync(new URL("../../../../docs/cases.schema.json", import.meta.url))),
);

const EXPECT = "expect: { decision: allow }";

Deno.test("parseCases() reads configuration, events and what is expected, from YAML", () => {
  const { config, cases } = parseCases(
    [
      "# about it",
      "config: { a: [1] }",
      "cases:",
      "  - name: a request",
      "    request: { uri: /a, headers: { X: b } }",
      "    expect: { decision: block, status: null }",
      "  - name: a response",
      "    response: { status: 404 }",
      "    expect:",
      "      decision: allow",
    ].join("\n"),
    "c.yaml",
  );
  assertEquals(config, { a: [1] });
  assertEquals(cases.map(({ name, line, event, expect }) => [name, line, event.phase, expect]), [
    ["a request", 4, "request_headers", { decision: "block", status: null }],
    ["a response", 7, "response_headers", { decision: "allow" }],
  ]);
});

Deno.test("parseCases() reads JSON", () => {
  const text = JSON.stringify({ cases: [{ name: "a", request: null, expect: { decision: "allow" } }] }, undefined, 2);
  const { config, cases } = parseCases(text, "c.json");
  assertEquals([config, cases.length, cases[0]?.line], [undefined, 1, 3]);
});

const taken = [
  { text: `cases: [{ name: a, request: {}, ${EXPECT} }]` },
  { text: `$schema: x\nconfig:\ncases: [{ name: a, request:, ${EXPECT} }]` },
  { text: "cases: [{ name: a, response: { status: 200 }, expect: { failure: GUEST_TRAPPED } }]" },
  {
    text: "cases: [{ name: a, request: { client_port: 1, headers: { a: [b, c], d: e } }, expect: " +
      "{ tags: [], headers: { a: b }, set_request_headers: { a: [b] }, remove_response_headers: [c], url: null, " +
      "confidence: 0.5, audit: { a: 1 }, routing_metadata: { a: b }, challenge: { type: t, params: {} } } }]",
  },
];

Deno.test.each(taken)("parseCases() and the schema for editors take $text", ({ text }) => {
  parseCases(text, "c.yaml");
  assertEquals(schema.faultOf(new YamlText(text).value), undefined);
});

const refused = [
  { fault: "no mapping", text: "- a", says: "(c.yaml, line 1) as the file must be a mapping" },
  { fault: "no cases", text: "config: {}", says: '"cases" must be a list of some: received none' },
  {
    fault: "an empty list",
    text: "\ncases: []",
    says: '(c.yaml, line 2) as "cases" must be a list of some: received []',
  },
  {
    fault: "a list as configuration",
    text: `config: [1]\ncases: [{ name: a, request: {}, ${EXPECT} }]`,
    says: '"config"',
  },
  {
    fault: "another key in the file",
    text: `configs: {}\ncases: [{ name: a, request: {}, ${EXPECT} }]`,
    says: 'received "configs", did you mean "config"?',
  },
  {
    fault: "another key in a case",
    text: `cases:\n  - name: a\n    request: {}\n    expects: {}\n    ${EXPECT}`,
    says: '(c.yaml, line 4) as a key of a case must be one of name, request, response, expect: received "expects"',
  },
  { fault: "a text as case", text: "cases: [a]", says: "a case must be a mapping" },
  { fault: "no name", text: `cases: [{ request: {}, ${EXPECT} }]`, says: '"name" must be a text: received none' },
  {
    fault: "no event",
    text: `cases: [{ name: a, ${EXPECT} }]`,
    says: '(c.yaml, line 1, case "a") as they must have a',
  },
  { fault: "two events", text: `cases: [{ name: a, request: {}, response: {}, ${EXPECT} }]`, says: "received both" },
  { fault: "nothing expected", text: "cases: [{ name: a, request: {} }]", says: "--update writes one" },
  { fault: "an empty expectation", text: "cases: [{ name: a, request: {}, expect: {} }]", says: "--update writes it" },
  {
    fault: "a misspelt key that is expected",
    text: "cases:\n  - name: a\n    request: {}\n    expect:\n      decision: allow\n      tag: [b]",
    says: 'line 6) as a key of "expect" must be one of',
  },
  {
    fault: "a decision that there is not",
    text: "cases: [{ name: a, request: {}, expect: { decision: alow } }]",
    says: '"decision" must be one of allow, block, redirect, challenge, or null: received "alow"',
  },
  {
    fault: "a tag alone",
    text: "cases: [{ name: a, request: {}, expect: { tags: b } }]",
    says: '"tags" must be a list',
  },
  {
    fault: "a status as text",
    text: 'cases: [{ name: a, request: {}, expect: { status: "403" } }]',
    says: "whole number",
  },
  {
    fault: "a number as header",
    text: "cases: [{ name: a, request: {}, expect: { headers: { a: 1 } } }]",
    says: "texts",
  },
  {
    fault: "an unknown field of a request",
    text: `cases:\n  - name: a\n    request: { url: / }\n    ${EXPECT}`,
    says: '(c.yaml, line 2, case "a") as it must have no key that means nothing: received "url", did you mean "uri"?',
  },
  {
    fault: "a bad status of a response",
    text: `cases: [{ name: a, response: { status: 99 }, ${EXPECT} }]`,
    says: "100",
  },
];

Deno.test.each(refused)("parseCases() and the schema for editors refuse $fault", ({ text, says }) => {
  const error = assertThrows(() => parseCases(text, "c.yaml"), ConfigError, says);
  assert(["CASES_UNREADABLE", "EVENT_UNREADABLE"].includes(error.code));
  assert(schema.faultOf(new YamlText(text).value) !== undefined, "the schema takes it");
});

Deno.test.each([
  { fault: "what is no YAML", text: "cases: [\n  a", says: "line 2" },
  { fault: "a key twice", text: "cases: []\ncases: []", says: "line 2) as they must be YAML or JSON" },
  { fault: "two documents", text: "cases: []\n---\ncases: []", says: "must be YAML or JSON" },
  { fault: "an alias to nothing", text: "cases: *a", says: "must be YAML or JSON" },
  { fault: "a text that grows a thousandfold", text: growing(), says: "must be YAML or JSON" },
  { fault: "brackets within brackets", text: "[".repeat(100_000), says: "must be YAML or JSON" },
  {
    fault: "two cases of one name",
    text: `cases:\n  - { name: a, request: {}, ${EXPECT} }\n  - { name: a, request: {}, ${EXPECT} }`,
    says: "(c.yaml, line 3) as its name must be its own, and line 2 has it too",
  },
])("parseCases() refuses $fault", ({ text, says }) => {
  assertThrows(() => parseCases(text, "c.yaml"), ConfigError, says);
});

/** Each list has ten times the one before. */
function growing(): string {
  const lists = Array.from({ length: 9 }, (_, index) => {
    const items = Array.from({ length: 10 }, () => index === 0 ? "x" : `*l${index - 1}`);
    return `l${index}: &l${index} [${items.join(", ")}]`;
  });
  return lists.join("\n");
}

Deno.test("parseCases() takes a case that expects nothing yet, where --update is to write it", () => {
  const { cases } = parseCases(
    "cases:\n  - { name: a, request: {} }\n  - name: b\n    request: {}\n    expect:\n",
    "c",
    true,
  );
  assertEquals(cases.map(({ expect }) => expect), [undefined, undefined]);
});

Deno.test("parseCases() reads JSON lines, a case each, and calls one without a name by its line", () => {
  const text =
    '{"name":"a","request":{},"expect":{"decision":"allow"}}\n\n{"response":{},"expect":{"decision":"block"}}\n';
  const { cases } = parseCases(text, "c.jsonl");
  assertEquals(cases.map(({ name, line }) => [name, line]), [["a", 1], ["line 3", 3]]);
  assertEquals(cases.map(({ place }) => text.slice(place?.start, place?.end)), [
    '{"decision":"allow"}',
    '{"decision":"block"}',
  ]);
});

Deno.test.each([
  { fault: "what is no JSON", text: '{"request":{},"expect":{"decision":"allow"}}\n[', says: "(c.jsonl, line 2)" },
  { fault: "what is no case", text: "\n1", says: "(c.jsonl, line 2) as a case must be a mapping" },
  { fault: "nothing at all", text: "\n", says: '"cases" must be a list of some' },
])("parseCases() refuses JSON lines with $fault", ({ text, says }) => {
  assertThrows(() => parseCases(text, "c.jsonl"), ConfigError, says);
});
