import { assertEquals, assertThrows } from "@std/assert";
import { compare, parseCases, readCases } from "./cases.ts";
import { EXAMPLES } from "./examples.ts";
import { exampleUrl, GuestHost } from "./guest_host.ts";

for (const { name } of EXAMPLES) {
  const { config, cases } = readCases(name);
  Deno.test.each([...cases])(`examples/${name}: $name`, (row) => {
    const host = GuestHost.load(`${name}/policy.wasm`);
    if (config !== undefined) assertEquals(host.configure(config), undefined);
    const { actual, expected } = compare(row, host);
    assertEquals(actual, expected);
  });
}

Deno.test("every folder of examples with cases is in the table of examples", () => {
  const folders = [...Deno.readDirSync(exampleUrl(""))].filter(({ isDirectory }) => isDirectory).map(({ name }) =>
    name
  );
  const withCases = folders.filter((name) => {
    return [...Deno.readDirSync(exampleUrl(name))].some((entry) => entry.name === "cases.yaml");
  });
  assertEquals(withCases.toSorted(), EXAMPLES.map(({ name }) => name).toSorted());
});

Deno.test.each([
  { fault: "no cases", text: "cases: []" },
  { fault: "another key in the file", text: "configs: {}\ncases: [{name: a, request: {}, expect: {decision: allow}}]" },
  { fault: "another key in a case", text: "cases: [{name: a, request: {}, expects: {}, expect: {decision: allow}}]" },
  { fault: "no event", text: "cases: [{name: a, expect: {decision: allow}}]" },
  { fault: "two events", text: "cases: [{name: a, request: {}, response: {}, expect: {decision: allow}}]" },
  { fault: "nothing expected", text: "cases: [{name: a, request: {}, expect: {}}]" },
  { fault: "no name", text: "cases: [{request: {}, expect: {decision: allow}}]" },
])("parseCases() refuses $fault", ({ text }) => {
  assertThrows(() => parseCases(text), Error, "Cannot use");
});

Deno.test("compare() looks at the fields that are expected, null for one that is not there", () => {
  const { cases: [row] } = parseCases(
    "cases: [{name: a, request: {uri: /}, expect: {decision: block, body: null, tags: [a], headers: {x: [b]}}}]",
  );
  const host = GuestHost.load("wat/policy.wasm");
  const { actual, expected } = compare(row!, host);
  assertEquals(actual, { decision: "block", body: "Back in a few minutes.\n", tags: ["maintenance"], headers: null });
  assertEquals(expected, { decision: "block", body: null, tags: ["a"], headers: { x: "b" } });
});
