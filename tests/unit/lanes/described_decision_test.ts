import { assertEquals } from "@std/assert";
import { parseResult } from "../../../src/agent/codec/result.ts";
import { parseResultV2 } from "../../../src/agent/codec/result_v2.ts";
import { describeDecision } from "../../../src/lanes/mod.ts";
import { ALLOW } from "../../../src/protocol/mod.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

Deno.test("describeDecision() says of allow that it is, and nothing else", () => {
  assertEquals(describeDecision(ALLOW, "agent/1"), { decision: "allow" });
  assertEquals(describeDecision(ALLOW, "agent/2"), { decision: "allow" });
});

Deno.test.each([
  {
    decision: "block",
    status: 451,
    body: "x",
    headers: { "retry-after": "1" },
    tags: ["t"],
    rule_ids: ["r"],
    reason_codes: ["c"],
    confidence: 0.5,
    routing_metadata: { a: "b" },
    audit: { k: [1] },
  },
  { decision: "redirect", status: 302, url: "https://example.com/", headers: { "x-a": "1" } },
  { decision: "challenge", challenge: { type: "basic", params: { realm: "r" } } },
  {
    decision: "allow",
    set_request_headers: { a: "1", b: ["1", "2"] },
    add_request_headers: { c: "1", d: ["1", "2"] },
    remove_request_headers: ["e"],
    set_response_headers: { f: "1" },
    add_response_headers: { g: "1" },
    remove_response_headers: ["h", "i"],
  },
])("describeDecision() gives an answer of ABI 2 back as it was: $decision", (answer) => {
  assertEquals(describeDecision(parseResultV2(bytes(answer)).decision, "agent/2"), answer);
});

Deno.test.each([
  {
    decision: "block",
    status: 403,
    body: "x",
    add_response_headers: { a: "1" },
    remove_request_headers: ["b"],
    tags: ["t"],
  },
  { decision: "redirect", status: 301, body: "https://example.com/" },
])("describeDecision() gives an answer of ABI 1 back as it was: $decision", (answer) => {
  assertEquals(describeDecision(parseResult(bytes(answer)).decision, "agent/1"), answer);
});

Deno.test("describeDecision() gives the status that an answer has left out, and calls deny block", () => {
  const { decision } = parseResultV2(bytes({ decision: "deny" }));
  assertEquals(describeDecision(decision, "agent/2"), { decision: "block", status: 403 });
});
