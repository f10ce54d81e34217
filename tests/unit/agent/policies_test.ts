/** One suite over all policies: what holds for one must hold for any. */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Chain, Current, ModulePolicy, type Policy, withQuirks } from "../../../src/agent/mod.ts";
import { GuestError } from "../../../src/errors.ts";
import { PHASES } from "../../../src/phase.ts";
import { ALLOW, type Decision, type HeaderOp } from "../../../src/protocol/mod.ts";
import { headOf, V1 } from "../protocol/wires.ts";
import { requestPayload } from "../server/proxy.ts";
import { lastNow, now } from "../../../src/time.ts";
import { arrivalAt, EVENTS, FixedPolicy, MODULE, type Run } from "./policies.ts";

const BLOCK: Decision = { ...ALLOW, verdict: { kind: "block", status: 403 } };
const RESULT = new TextEncoder().encode('{"decision":"allow","tags":["module"]}');

const answers: Run = (_, take) => take(RESULT);
const throws: Run = () => {
  throw new GuestError("GUEST_TRAPPED", "Cannot go on");
};
const rejects: Run = () => Promise.reject(new TypeError("a fault of our own"));

function modulePolicy(run: Run, close = () => {}): ModulePolicy {
  return new ModulePolicy({ module: MODULE, pool: { run, close }, failMode: "closed", observer: {} });
}

const POLICIES: readonly { readonly name: string; readonly make: () => Policy }[] = [
  { name: "a policy without a module", make: () => new FixedPolicy() },
  { name: "a module", make: () => modulePolicy(answers) },
  { name: "a module that fails", make: () => modulePolicy(throws) },
  { name: "a module that fails later", make: () => modulePolicy(rejects) },
  { name: "a module with all quirks", make: () => withQuirks(modulePolicy(rejects)) },
  { name: "a chain of two modules", make: () => new Chain([modulePolicy(answers), modulePolicy(rejects)], 40) },
  { name: "a chain of none", make: () => new Chain([], 40) },
  { name: "a current chain with quirks", make: () => new Current(withQuirks(new Chain([modulePolicy(answers)], 40))) },
];

for (const { name, make } of POLICIES) {
  for (const event of Object.values(EVENTS)) {
    Deno.test(`${name} answers ${event.kind}, and neither throws nor rejects`, async () => {
      const { verdict, requestHeaders, responseHeaders, tags } = await make().decide(event, arrivalAt());
      assert(["allow", "block", "redirect"].includes(verdict.kind));
      for (const list of [requestHeaders, responseHeaders, tags]) assert(Array.isArray(list));
    });
  }

  Deno.test(`${name} has phases and a budget, takes a configuration, and ends`, async () => {
    const policy = make();
    for (const phase of policy.phases) assert(PHASES.includes(phase));
    assert(Number.isFinite(policy.budgetMs) && policy.budgetMs >= 0);
    assertEquals(await policy.configure({}), undefined);
    await policy.close();
  });
}

const set = (name: string): HeaderOp => ({ op: "set", name, value: "1" });
const tagged = (tag: string, decision = ALLOW): Decision => ({
  ...decision,
  requestHeaders: [set(tag)],
  responseHeaders: [{ op: "remove", name: tag }],
  tags: [tag],
});
const later = (decision: Decision) => () => Promise.resolve(decision);

Deno.test.each([
  { name: "at once", first: () => tagged("a"), second: () => tagged("b") },
  { name: "later", first: later(tagged("a")), second: later(tagged("b")) },
  { name: "first at once, then later", first: () => tagged("a"), second: later(tagged("b")) },
  { name: "first later, then at once", first: later(tagged("a")), second: () => tagged("b") },
])("Chain adds up in order what two policies decide $name", async ({ first, second }) => {
  const chain = new Chain([new FixedPolicy(first), new FixedPolicy(second)], 40);
  assertEquals(await chain.decide(EVENTS.request_headers, arrivalAt()), {
    ...ALLOW,
    requestHeaders: [set("a"), set("b")],
    responseHeaders: [{ op: "remove", name: "a" }, { op: "remove", name: "b" }],
    tags: ["a", "b"],
    audit: undefined,
    routingMetadata: undefined,
  });
});

Deno.test.each([{ name: "at once", wrap: (given: Decision) => given }, {
  name: "later",
  wrap: (given: Decision) => Promise.resolve(given),
}])("Chain ends with the first policy that does not allow, decided $name", async ({ wrap }) => {
  const last = new FixedPolicy();
  const chain = new Chain(
    [new FixedPolicy(() => tagged("a")), new FixedPolicy(() => wrap(tagged("b", BLOCK))), last],
    40,
  );
  const { verdict, tags } = await chain.decide(EVENTS.request_headers, arrivalAt());
  assertEquals([verdict, tags, last.asked.length], [BLOCK.verdict, ["a", "b"], 0]);
});

Deno.test("Chain gives on the very decision of a policy where no other has to say anything", () => {
  const decision = tagged("a");
  const chain = new Chain([new FixedPolicy(), new FixedPolicy(() => decision), new FixedPolicy()], 40);
  assertStrictEquals(chain.decide(EVENTS.request_headers, arrivalAt()), decision);
});

Deno.test("Chain shows a later policy the head as it was sent, though another frame has been read meanwhile", async () => {
  const frame = (uri: string) =>
    new TextEncoder().encode(
      JSON.stringify({ version: 1, event_type: "request_headers", payload: { ...requestPayload("id"), uri } }),
    );
  const held = Promise.withResolvers<Decision>();
  const uris: string[] = [];
  const last = new FixedPolicy((event) => {
    if (event.kind === "request_headers") uris.push(event.uri());
    return ALLOW;
  });
  const chain = new Chain([new FixedPolicy(() => held.promise), new FixedPolicy(later(ALLOW)), last], 40);
  const decision = chain.decide(headOf(V1.decode(frame("/first"))), arrivalAt());
  V1.decode(frame("/second"));
  held.resolve(ALLOW);
  await decision;
  assertEquals(uris, ["/first"]);
});

Deno.test("Chain announces what any of its policies wants, has one budget, and refuses what one refuses", async () => {
  const chain = new Chain([
    new FixedPolicy(undefined, { phases: ["request_headers"], budgetMs: 10 }),
    new FixedPolicy(undefined, { phases: ["request_headers", "response_headers"], budgetMs: 30, refusal: "no" }),
  ], 20);
  assertEquals([...chain.phases], ["request_headers", "response_headers"]);
  assertEquals([chain.budgetMs, await chain.configure({})], [20, "no"]);
});

Deno.test.each([
  { name: "its own time counts from its turn", at: 0, readingMs: 0, budgetMs: 10_000, deadline: 1_040 },
  { name: "the event's from its arrival", at: 0, readingMs: 0, budgetMs: 1_010, deadline: 1_010 },
  { name: "and what its reading took is not counted", at: 0, readingMs: 5, budgetMs: 1_010, deadline: 1_015 },
])("ModulePolicy has the earlier of two deadlines: $name", async ({ at, readingMs, budgetMs, deadline }) => {
  const deadlines: number[] = [];
  const run: Run = (call, take) => {
    deadlines.push(call.deadline);
    return take(RESULT);
  };
  const pool = { run, close: () => {} };
  const policy = new ModulePolicy({ module: MODULE, pool, failMode: "closed", observer: {}, budgetMs });
  const before = now() - 1_000;
  await policy.decide(EVENTS.request_headers, { ...arrivalAt(before + at), readingMs });
  const [received = 0] = deadlines;
  // What this test takes of the clock in between is below a millisecond, or the machine's.
  const late = lastNow() - before - 1_000;
  const expected = before + deadline;
  assert(received > expected - 0.001 && received < expected + late + 0.001, `${received - before}`);
});

Deno.test("Chain.close() waits for an event that is between two of its modules", async () => {
  const first = Promise.withResolvers<Decision>();
  const second = new FixedPolicy(() => tagged("b"));
  const chain = new Chain([new FixedPolicy(() => first.promise), second], 40);
  const decision = chain.decide(EVENTS.request_headers, arrivalAt());
  const closed = chain.close();
  await Promise.resolve();
  assertEquals(second.closed, false);
  first.resolve(tagged("a"));
  assertEquals((await decision).tags, ["a", "b"]);
  await closed;
  assertEquals(second.closed, true);
});

Deno.test("Current.replace() lets the old policy decide what it was asked, the new one all that comes after, and ends the old", async () => {
  const call = Promise.withResolvers<void>();
  let closed = false;
  const old = modulePolicy(async (_, take) => {
    await call.promise;
    return take(RESULT);
  }, () => closed = true);
  const current = new Current(old);
  const first = current.decide(EVENTS.request_headers, arrivalAt());
  const replaced = current.replace(new FixedPolicy(() => BLOCK, { budgetMs: 7 }));
  assertStrictEquals(current.decide(EVENTS.request_headers, arrivalAt()), BLOCK);
  assertEquals([current.budgetMs, closed], [7, false]);
  call.resolve();
  assertEquals((await first).tags, ["module"]);
  await replaced;
  assertEquals(closed, true);
});
