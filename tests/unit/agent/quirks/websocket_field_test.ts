import { assertEquals, assertStrictEquals } from "@std/assert";
import { answerWebSocketFrames } from "../../../../src/agent/quirks/websocket_field.ts";
import { ALLOW, type Decision, type Event } from "../../../../src/protocol/mod.ts";
import { arrivalAt, EVENTS, FixedPolicy } from "../policies.ts";

const BLOCK: Decision = { ...ALLOW, verdict: { kind: "block", status: 403 } };
const TAGGED: Decision = { ...ALLOW, tags: ["seen"] };

Deno.test.each([
  { name: "allow", decision: ALLOW, expected: { ...ALLOW, websocket: "allow" } },
  { name: "allow with a tag", decision: TAGGED, expected: { ...TAGGED, websocket: "allow" } },
  { name: "block", decision: BLOCK, expected: BLOCK },
])("answerWebSocketFrames() fills the field of a frame's answer for $name", async ({ decision, expected }) => {
  for (const given of [decision, Promise.resolve(decision)]) {
    const policy = answerWebSocketFrames(new FixedPolicy(() => given));
    assertEquals(await policy.decide(EVENTS.websocket_frame, arrivalAt()), expected);
  }
});

Deno.test("answerWebSocketFrames() gives the same decision for each frame, whose bytes are remembered", () => {
  const policy = answerWebSocketFrames(new FixedPolicy());
  const decide = () => policy.decide(EVENTS.websocket_frame, arrivalAt());
  assertStrictEquals(decide(), decide());
});

Deno.test("answerWebSocketFrames() gives all other decisions on as they are", async () => {
  const policy = answerWebSocketFrames(new FixedPolicy(() => ALLOW));
  const others: Event[] = Object.values(EVENTS).filter(({ kind }) => kind !== "websocket_frame");
  for (const event of others) assertStrictEquals(await policy.decide(event, arrivalAt()), ALLOW);
});
