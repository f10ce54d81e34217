import { assertEquals } from "@std/assert";
import { parseCases } from "../../../../src/cli/cases/cases.ts";
import { rewritten, updated } from "../../../../src/cli/cases/update.ts";

/** The text with another expectation for the cases of these names. */
function rewrite(text: string, expectations: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const { cases } = parseCases(text, "c.yaml", true);
  const changes = cases.flatMap(({ name, place }) => {
    const expect = expectations[name];
    return expect === undefined || place === undefined ? [] : [{ name, place, expect }];
  });
  const result = rewritten(text, changes);
  for (const { name, expect } of parseCases(result, "c.yaml", true).cases) {
    if (expectations[name] !== undefined) assertEquals(expect, expectations[name]);
  }
  return result;
}

const YAML = `# before
config: { a: 1 } # why
cases:
  # of a
  - name: a
    request: { uri: / } # of its request
    expect: { decision: allow } # of what it expects
    # behind a
  - name: b
    expect:
      decision: block
      body: |
        a

    # behind what b expects
    response: {}
  - name: c
    request: {} # last
# behind
`;

Deno.test("rewritten() changes what is expected, and keeps all else of the file byte for byte", () => {
  const answer = { decision: "block", status: 403, tags: ["x"], body: 'a "b"\n' };
  assertEquals(
    rewrite(YAML, { a: answer, c: { decision: "allow" } }),
    YAML.replace("{ decision: allow }", '{ decision: block, status: 403, tags: [x], body: "a \\"b\\"\\n" }')
      .replace("request: {} # last", "request: {} # last\n    expect: { decision: allow }"),
  );
  assertEquals(
    rewrite(YAML, { b: { decision: "allow" } }),
    YAML.replace(" \n      decision: block\n      body: |\n        a\n", " { decision: allow }\n")
      .replace("expect:\n      decision: block\n      body: |\n        a", "expect: { decision: allow }"),
  );
});

Deno.test("rewritten() breaks what would be a long line", () => {
  const expect = { decision: "allow", set_request_headers: { "x-a": "y".repeat(60) }, tags: ["yes", "1", "a b"] };
  assertEquals(
    rewrite("cases:\n- name: a\n  request: {}\n  expect: {decision: block}\n", { a: expect }),
    `cases:\n- name: a\n  request: {}\n  expect:\n    decision: allow\n    set_request_headers: { x-a: ${
      "y".repeat(60)
    } }\n    tags: ["yes", "1", "a b"]\n`,
  );
});

Deno.test("rewritten() keeps JSON JSON", () => {
  const json = { cases: [{ name: "a", request: {}, expect: { decision: "allow" } }, { name: "b", request: {} }] };
  const expect = { decision: "block", tags: ["x"], headers: { a: "b" } };
  for (const indent of [0, 2]) {
    const text = rewrite(JSON.stringify(json, undefined, indent), { a: expect, b: expect });
    assertEquals(JSON.parse(text).cases.map((each: { readonly expect: unknown }) => each.expect), [expect, expect]);
  }
});

Deno.test("rewritten() keeps texts what they are", () => {
  const texts = [
    "",
    "null",
    "1e3",
    "- a",
    "a: b",
    "# c",
    "\u2028\u0085\ufeff",
    "é",
    "'",
    "*a",
    "&a",
    "!a",
    "%a",
    "@a",
    "`",
    "~",
  ];
  rewrite("cases: [{ name: a, request: {}, expect: { tags: [] } }]", { a: { tags: texts } });
  rewrite("cases:\n- name: a\n  request: {}\n  expect: { tags: [] }", { a: { tags: texts } });
});

Deno.test("updated() takes what came for the keys that differ, and says null for what did not come", () => {
  const differences = [
    { key: "status", expected: 403, received: undefined },
    { key: "decision", expected: "block", received: "allow" },
    { key: "failure", expected: "GUEST_TRAPPED", received: undefined },
  ];
  assertEquals(updated({ decision: "block", status: 403, tags: ["a"], failure: "GUEST_TRAPPED" }, differences), {
    decision: "allow",
    status: null,
    tags: ["a"],
  });
});
