import { assertEquals } from "@std/assert";
import { createPassedOver, Matched, PassedOver } from "../../../src/agent/mod.ts";
import { ALLOW, DecodedHead } from "../../../src/protocol/mod.ts";
import { arrivalAt, EVENTS, FixedPolicy } from "./policies.ts";

const request = (correlationId: string) =>
  new DecodedHead({
    kind: "request_headers",
    correlationId,
    method: "GET",
    uri: "/",
    headers: {},
    metadata: { clientIp: "192.0.2.1" },
  });
const response = (correlationId: string) =>
  new DecodedHead({ kind: "response_headers", correlationId, status: 200, headers: {} });
const tagged = { ...ALLOW, tags: ["asked"] };

function setUp(matches: (id: string) => boolean) {
  const words = createPassedOver();
  const policy = new FixedPolicy(() => tagged, { phases: ["response_headers"] });
  const on = (number: number) =>
    new Matched(policy, {
      match: ({ correlationId }) => matches(correlationId),
      passedOver: new PassedOver(words),
      number,
    });
  return { policy, matched: on(0), otherLane: on(0), other: on(31) };
}

Deno.test("Matched passes its policy over for a request, and for its response on any event loop", () => {
  const { matched, otherLane, policy } = setUp(() => false);
  assertEquals(matched.decide(request("a"), arrivalAt()), ALLOW);
  assertEquals(otherLane.decide(response("a"), arrivalAt()), ALLOW);
  assertEquals(policy.asked.length, 0);
});

Deno.test("Matched asks about responses whose request has matched, or was never seen", () => {
  const { matched } = setUp(() => true);
  matched.decide(request("a"), arrivalAt());
  assertEquals([matched.decide(response("a"), arrivalAt()), matched.decide(response("b"), arrivalAt())], [
    tagged,
    tagged,
  ]);
});

Deno.test("Matched keeps modules apart, and the last request of an id counts", () => {
  let passes = true;
  const { matched, other } = setUp(() => !passes);
  matched.decide(request("a"), arrivalAt());
  assertEquals(other.decide(response("a"), arrivalAt()), tagged);
  other.decide(request("a"), arrivalAt());
  passes = false;
  matched.decide(request("a"), arrivalAt());
  assertEquals([matched.decide(response("a"), arrivalAt()), other.decide(response("a"), arrivalAt())], [tagged, ALLOW]);
});

Deno.test("Matched wants requests told of for a policy that only sees responses, and hands on all other events", () => {
  const { matched, policy } = setUp(() => false);
  assertEquals([...matched.phases], ["request_headers", "response_headers"]);
  matched.decide(EVENTS.unreadable, arrivalAt());
  assertEquals(policy.asked.map(({ event }) => event.kind), ["unreadable"]);
});

Deno.test("PassedOver remembers tens of thousands of requests, each with bits of its own", () => {
  const table = new PassedOver(createPassedOver());
  const ids = Array.from({ length: 20_000 }, (_, index) => `0f9b-${index.toString(16)}`);
  for (const [index, id] of ids.entries()) table.put(id, index % 32, true);
  const kept = ids.filter((id, index) => table.has(id, index % 32));
  const wrong = ids.filter((id, index) => table.has(id, (index + 1) % 32));
  // Two may share a row, and then the later one has it.
  assertEquals([kept.length > 16_000, wrong.length], [true, 0]);
});
