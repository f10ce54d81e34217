import { assertEquals, assertStrictEquals } from "@std/assert";
import { addDecisions } from "../../../src/agent/add_decisions.ts";
import { ALLOW, type Decision, type HeaderOp } from "../../../src/protocol/mod.ts";

const set = (name: string): HeaderOp => ({ op: "set", name, value: "1" });
const FIRST: Decision = {
  ...ALLOW,
  requestHeaders: [set("a")],
  responseHeaders: [set("b")],
  tags: ["one", "both"],
  audit: { ruleIds: ["r1"], reasonCodes: ["c1"], confidence: 0.5, custom: { x: 1, y: 1 } },
  routingMetadata: { tenant: "t1", tier: "gold" },
};
const SECOND: Decision = {
  ...ALLOW,
  requestHeaders: [set("c")],
  responseHeaders: [set("d")],
  tags: ["both", "two"],
  audit: { ruleIds: ["r2"], reasonCodes: ["c2"], custom: { y: 2 } },
  routingMetadata: { tenant: "t2" },
};

Deno.test("addDecisions() adds up lists in order, and lets the later one of two values win", () => {
  assertEquals(addDecisions(FIRST, SECOND), {
    ...ALLOW,
    requestHeaders: [set("a"), set("c")],
    responseHeaders: [set("b"), set("d")],
    tags: ["one", "both", "two"],
    audit: { ruleIds: ["r1", "r2"], reasonCodes: ["c1", "c2"], confidence: 0.5, custom: { x: 1, y: 2 } },
    routingMetadata: { tenant: "t2", tier: "gold" },
  });
});

Deno.test("addDecisions() drops what the first does to the request where the second blocks it, and keeps the rest", () => {
  const block: Decision = { ...SECOND, requestHeaders: [], verdict: { kind: "block", status: 403 } };
  const { verdict, requestHeaders, responseHeaders, tags } = addDecisions(FIRST, block);
  assertEquals(
    [verdict, requestHeaders, responseHeaders, tags],
    [block.verdict, [], [set("b"), set("d")], ["one", "both", "two"]],
  );
});

Deno.test("addDecisions() makes the sum of two decisions once, so that its bytes are remembered", () => {
  assertStrictEquals(addDecisions(FIRST, SECOND), addDecisions(FIRST, SECOND));
  assertStrictEquals(addDecisions(ALLOW, SECOND), SECOND);
  assertStrictEquals(addDecisions(FIRST, ALLOW), FIRST);
});

Deno.test("addDecisions() keeps the audit and the metadata of the one that has some", () => {
  const { audit, routingMetadata } = addDecisions(FIRST, { ...ALLOW, tags: ["two"] });
  assertEquals([audit, routingMetadata], [FIRST.audit, FIRST.routingMetadata]);
});
