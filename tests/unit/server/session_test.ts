import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ALLOW, type Event } from "../../../src/protocol/mod.ts";
import { PendingEvent, sessionFor, spentOn } from "../../../src/server/session.ts";
import { arrivalAt, EVENTS, FixedPolicy } from "../agent/policies.ts";
import { lastNow, now } from "../../../src/time.ts";

Deno.test("PendingEvent.signal is one signal, aborted by abort()", () => {
  const arrival = new PendingEvent("v1", 7);
  const { signal } = arrival;
  assertEquals([arrival.at, signal.aborted], [7, false]);
  arrival.abort();
  assertStrictEquals(arrival.signal, signal);
  assertEquals(signal.aborted, true);
});

Deno.test("PendingEvent.signal is aborted where abort() came before anyone asked for it", () => {
  const arrival = new PendingEvent("v1", 0);
  arrival.abort();
  arrival.abort();
  assertEquals(arrival.signal.aborted, true);
});

Deno.test("spentOn() looks at the clock for a frame above 16 KiB, and for no other", () => {
  const before = now();
  assertEquals([spentOn(new Uint8Array(16 * 1024)), lastNow()], [0, before]);
  while (performance.now() === before);
  const spent = spentOn(new Uint8Array(16 * 1024 + 1));
  assert(spent > 0);
  assertEquals(lastNow(), before + spent);
});

Deno.test("sessionFor() announces the phases of a policy, and takes its lateness from the policy's budget", () => {
  const policy = new FixedPolicy(undefined, { phases: ["response_headers", "request_body"], budgetMs: 40 });
  const about = { agentId: "a", name: "n", version: "1", maxConcurrency: 3 };
  const { identity, lateAfterMs } = sessionFor(policy, () => about, {});
  assertEquals(identity, { ...about, events: ["response_headers", "request_body"] });
  assertEquals(lateAfterMs, 50);
});

Deno.test("sessionFor() has the policy decide each event, after whoever looks on was told that it has come", async () => {
  const told: unknown[] = [];
  const policy = new FixedPolicy(() => {
    told.push("decide");
    return ALLOW;
  });
  const about = { agentId: "a", name: "n", version: "1", maxConcurrency: 3 };
  for (const observer of [{}, { arrived: (event: Event) => told.push(event) }]) {
    assertStrictEquals(
      await sessionFor(policy, () => about, observer).decide(EVENTS.request_headers, arrivalAt()),
      ALLOW,
    );
  }
  assertEquals(told, ["decide", EVENTS.request_headers, "decide"]);
});

Deno.test.each([
  { name: "takes", refusal: undefined, verdict: { kind: "allow" } },
  { name: "refuses", refusal: "no\nkeys", verdict: { kind: "block", status: 500, body: "no\\u{a}keys" } },
])(
  "sessionFor() answers a configuration as the policy $name it, and has nobody decide it",
  async ({ refusal, verdict }) => {
    const policy = new FixedPolicy(undefined, { refusal });
    const about = { agentId: "a", name: "n", version: "1", maxConcurrency: 3 };
    const told: unknown[] = [];
    const { decide } = sessionFor(policy, () => about, { arrived: (event) => told.push(event) });
    assertEquals((await decide(EVENTS.configure, arrivalAt())).verdict, verdict);
    assertEquals([told, policy.asked], [[EVENTS.configure], []]);
  },
);
