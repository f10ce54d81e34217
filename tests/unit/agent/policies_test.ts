/** One suite over all policies: what holds for one must hold for any. */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ModulePolicy, type Policy, withQuirks } from "../../../src/agent/mod.ts";
import { GuestError } from "../../../src/errors.ts";
import { PHASES } from "../../../src/phase.ts";
import { ALLOW, type Decision, type HeaderOp } from "../../../src/protocol/mod.ts";
import { headOf, V1 } from "../protocol/wires.ts";
import { requestPayload } from "../server/proxy.ts";
import { Chain } from "./chain.ts";
import { Current } from "./current.ts";
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
  { name: "a chain of two modules", make: () => new Chain([modulePolicy(answers), modulePolicy(rejects)]) },
  { name: "a chain of none", make: () => new Chain([]) },
  { name: "a current chain with quirks", make: () => new Current(withQuirks(new Chain([modulePolicy(answers)]))) },
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
  const chain = new Chain([new FixedPolicy(first), new FixedPolicy(second)]);
  assertEquals(await chain.decide(EVENTS.request_headers, arrivalAt()), {
    ...ALLOW,
    requestHeaders: [set("a"), set("b")],
    responseHeaders: [{ op: "remove", name: "a" }, { op: "remove", name: "b" }],
    tags: ["a", "b"],
  });
});

Deno.test.each([{ name: "at once", wrap: (given: Decision) => given }, {
  name: "later",
  wrap: (given: Decision) => Promise.resolve(given),
}])("Chain ends with the first policy that does not allow, decided $name", async ({ wrap }) => {
  const last = new FixedPolicy();
  const chain = new Chain([new FixedPolicy(() => tagged("a")), new FixedPolicy(() => wrap(tagged("b", BLOCK))), last]);
  const { verdict, tags } = await chain.decide(EVENTS.request_headers, arrivalAt());
  assertEquals([verdict, tags, last.asked.length], [BLOCK.verdict, ["a", "b"], 0]);
});

Deno.test("Chain gives on the very decision of a policy where no other has to say anything", () => {
  const decision = tagged("a");
  const chain = new Chain([new FixedPolicy(), new FixedPolicy(() => decision), new FixedPolicy()]);
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
  const chain = new Chain([new FixedPolicy(() => held.promise), new FixedPolicy(later(ALLOW)), last]);
  const decision = chain.decide(headOf(V1.decode(frame("/first"))), arrivalAt());
  V1.decode(frame("/second"));
  held.resolve(ALLOW);
  await decision;
  assertEquals(uris, ["/first"]);
});

Deno.test("Chain has one deadline: each module's time counts from the event's arrival, however long the one before took", async () => {
  const deadlines: number[] = [];
  const run: Run = (call, take) => {
    deadlines.push(call.deadline);
    return Promise.resolve(take(RESULT));
  };
  const chain = new Chain([modulePolicy(run), modulePolicy(run)]);
  await chain.decide(EVENTS.request_headers, arrivalAt(1_000));
  const { timeoutMs } = MODULE.limits;
  assertEquals([deadlines, chain.budgetMs], [[1_000 + timeoutMs, 1_000 + timeoutMs], timeoutMs]);
});

Deno.test("Chain announces what any of its policies wants, needs what the slowest needs, and refuses what one refuses", async () => {
  const chain = new Chain([
    new FixedPolicy(undefined, { phases: ["request_headers"], budgetMs: 10 }),
    new FixedPolicy(undefined, { phases: ["request_headers", "response_headers"], budgetMs: 30, refusal: "no" }),
  ]);
  assertEquals([...chain.phases], ["request_headers", "response_headers"]);
  assertEquals([chain.budgetMs, await chain.configure({})], [30, "no"]);
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
