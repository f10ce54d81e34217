import { assertEquals } from "@std/assert";
import { compare } from "../../../../src/cli/cases/compare.ts";

const ANSWER = { decision: "block", status: 403, tags: ["a", "b"], set_request_headers: { "X-A": "1", b: ["2", "3"] } };

Deno.test.each([
  { name: "a key", expected: { decision: "block" } },
  { name: "null for what is not there", expected: { body: null } },
  { name: "nothing for what is not there", expected: { headers: {}, rule_ids: [] } },
  { name: "header names in whatever case", expected: { set_request_headers: { "x-a": "1", B: ["2", "3"] } } },
  { name: "a list of one for a value", expected: { set_request_headers: { b: ["2", "3"], "x-a": ["1"] } } },
])("compare() finds $name as it is expected", ({ expected }) => {
  assertEquals(compare(expected, ANSWER), []);
});

Deno.test.each([
  { name: "another value", expected: { status: 404 }, keys: ["status"] },
  { name: "a value in the place of none", expected: { tags: null }, keys: ["tags"] },
  { name: "none in the place of a value", expected: { body: "x" }, keys: ["body"] },
  { name: "another order", expected: { tags: ["b", "a"] }, keys: ["tags"] },
  { name: "a header less", expected: { set_request_headers: { "x-a": "1" } }, keys: ["set_request_headers"] },
  { name: "a value less", expected: { set_request_headers: { "x-a": "1", b: "2" } }, keys: ["set_request_headers"] },
  {
    name: "all keys that differ",
    expected: { decision: "allow", status: 1, tags: ["a", "b"] },
    keys: ["decision", "status"],
  },
])("compare() tells of $name", ({ expected, keys }) => {
  assertEquals(compare(expected, ANSWER).map(({ key }) => key), [...keys]);
});

Deno.test("compare() tells of a failure that nobody expects, though the fail mode answers what was expected", () => {
  const received = { decision: "block", failure: "GUEST_TRAPPED" };
  assertEquals(compare({ decision: "block" }, received), [
    { key: "failure", expected: undefined, received: "GUEST_TRAPPED" },
  ]);
  assertEquals(compare({ failure: "GUEST_TRAPPED" }, received), []);
});

Deno.test("compare() takes any value for a header that a recording does not tell, and none in the place of one", () => {
  const received = { decision: "allow", set_request_headers: { "x-key": "s3cret", other: "1" } };
  const expected = { decision: "allow", set_request_headers: { "X-Key": "REDACTED", other: "1" } };
  assertEquals(compare(expected, received), []);
  assertEquals(compare(expected, { ...received, set_request_headers: { other: "1" } }).map(({ key }) => key), [
    "set_request_headers",
  ]);
});
