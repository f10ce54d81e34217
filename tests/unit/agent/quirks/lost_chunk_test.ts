import { assertEquals, assertStrictEquals } from "@std/assert";
import { giveChunksBack } from "../../../../src/agent/quirks/lost_chunk.ts";
import { ALLOW, type Decision, type Event } from "../../../../src/protocol/mod.ts";
import { arrivalAt, EVENTS, FixedPolicy } from "../policies.ts";

const BLOCK: Decision = { ...ALLOW, verdict: { kind: "block", status: 403 }, tags: ["seen"] };
const CHUNK = { data: "Qg==", chunkIndex: 3 };

for (const decision of [ALLOW, BLOCK]) {
  for (const wrap of [(given: Decision) => given, (given: Decision) => Promise.resolve(given)]) {
    const when = wrap(ALLOW) instanceof Promise ? "later" : "at once";
    Deno.test(`giveChunksBack() adds the chunk to ${decision.verdict.kind}, decided ${when}`, async () => {
      const policy = giveChunksBack(new FixedPolicy(() => wrap(decision)));
      assertEquals(await policy.decide(EVENTS.response_body, arrivalAt()), { ...decision, responseBody: CHUNK });
    });
  }
}

Deno.test("giveChunksBack() leaves a chunk that the policy has changed", async () => {
  const changed: Decision = { ...ALLOW, responseBody: { data: "", chunkIndex: 3 } };
  const policy = giveChunksBack(new FixedPolicy(() => changed));
  assertStrictEquals(await policy.decide(EVENTS.response_body, arrivalAt()), changed);
});

Deno.test("giveChunksBack() gives all other decisions on as they are", async () => {
  const policy = giveChunksBack(new FixedPolicy(() => BLOCK));
  const others: Event[] = Object.values(EVENTS).filter(({ kind }) => kind !== "response_body");
  for (const event of others) assertStrictEquals(await policy.decide(event, arrivalAt()), BLOCK);
});
