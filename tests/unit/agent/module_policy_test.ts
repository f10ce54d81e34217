import { assertEquals } from "@std/assert";
import { ModulePolicy } from "../../../src/agent/mod.ts";
import type { Failure, UnknownKey } from "../../../src/ops/mod.ts";
import { encodeChecked } from "../../../src/agent/codec/checked_result.ts";
import { GuestError, PoolError } from "../../../src/errors.ts";
import { type Decision, DecodedHead } from "../../../src/protocol/mod.ts";
import { MODULE, type Run } from "./policies.ts";

const EVENT = new DecodedHead({ kind: "response_headers", correlationId: "id", status: 200, headers: {} });

/** An agent whose pool does as it is told, what it decides, and what it tells. */
async function decide(run: Run, times = 1) {
  const failures: Failure[] = [];
  const unknownKeys: UnknownKey[] = [];
  const agent = new ModulePolicy({
    module: MODULE,
    pool: { run, close: () => {} },
    failMode: "closed",
    observer: { failed: (failure) => failures.push(failure), unknownKey: (key) => unknownKeys.push(key) },
  });
  const decisions: Decision[] = [];
  for (let time = 0; time < times; time++) {
    decisions.push(
      await agent.decide(EVENT, { protocol: "v1", at: 0, readingMs: 0, signal: new AbortController().signal }),
    );
  }
  return { decision: decisions[0]!, decisions, failures, unknownKeys };
}

Deno.test.each<{ readonly error: Error; readonly tags: readonly string[] }>([
  ...(["POOL_QUEUE_FULL", "POOL_WAIT_TIMEOUT", "POOL_CLOSED"] as const).map((code) => ({
    error: new PoolError(code, "Cannot wait"),
    tags: ["wasm-error", "overload"],
  })),
  ...(["GUEST_TRAPPED", "GUEST_DEADLINE", "GUEST_BAD_RESULT"] as const).map((code) => ({
    error: new GuestError(code, "Cannot call"),
    tags: ["wasm-error"],
  })),
  { error: new TypeError("a fault of our own"), tags: ["wasm-error"] },
])(
  "ModulePolicy.decide() tags $error.name $error.code with its cause, thrown or rejected, and tells of it",
  async (row) => {
    const { error, tags } = row;
    const thrown: Run = () => {
      throw error;
    };
    for (const run of [thrown, () => Promise.reject(error)]) {
      const { decision, failures } = await decide(run);
      assertEquals(decision.tags, tags);
      assertEquals(decision.verdict.kind, "block");
      assertEquals(failures, [{ correlationId: "id", phase: "response_headers", module: "fake.wasm", error }]);
    }
  },
);

const RESULT = new TextEncoder().encode('{"decision":"deny","status":404,"statsu":1,"tags":null}');

Deno.test.each<{ readonly name: string; readonly run: Run }>([
  { name: "its own thread", run: (_, take) => take(RESULT) },
  { name: "another", run: (_, take) => Promise.resolve(take(encodeChecked(RESULT, MODULE), true)) },
])(
  "ModulePolicy.decide() decides by a result of $name, and tells once of a key that means nothing",
  async ({ run }) => {
    const { decisions, failures, unknownKeys } = await decide(run, 3);
    for (const { verdict, tags } of decisions) {
      assertEquals([verdict.kind, "status" in verdict ? verdict.status : 0, tags], ["block", 404, []]);
    }
    assertEquals(failures, []);
    assertEquals(unknownKeys, [{ module: MODULE.name, key: "statsu", nearest: "status", last: false }]);
  },
);

Deno.test("ModulePolicy.decide() takes nothing for checked that has not been: bytes like those of a checked result are no result", async () => {
  const forged = encodeChecked(RESULT, MODULE);
  const { decision, failures } = await decide((_, take) => take(forged));
  assertEquals(decision.tags, ["wasm-error"]);
  assertEquals(failures.map(({ error }) => error instanceof GuestError ? error.code : error), ["GUEST_BAD_RESULT"]);
});

Deno.test("ModulePolicy.close() closes its pool once the last call in flight has been decided, whatever came of it", async () => {
  const calls: PromiseWithResolvers<never>[] = [];
  let closed = false;
  const run = (): Promise<never> => {
    const call = Promise.withResolvers<never>();
    calls.push(call);
    return call.promise;
  };
  const policy = new ModulePolicy({
    module: MODULE,
    pool: { run, close: () => closed = true },
    failMode: "open",
    observer: {},
  });
  const arrival = { protocol: "v1", at: 0, readingMs: 0, signal: new AbortController().signal } as const;
  const decisions = [policy.decide(EVENT, arrival), policy.decide(EVENT, arrival)];
  const ended = policy.close();
  for (const call of calls) {
    assertEquals(closed, false);
    call.reject(new GuestError("GUEST_DEADLINE", "Cannot finish"));
    await decisions.shift();
  }
  await ended;
  assertEquals(closed, true);
});

Deno.test("ModulePolicy.close() closes at once what is idle", async () => {
  let closed = 0;
  const policy = new ModulePolicy({
    module: MODULE,
    pool: { run: (_, take) => take(RESULT), close: () => closed++ },
    failMode: "open",
    observer: {},
  });
  await policy.decide(EVENT, { protocol: "v1", at: 0, readingMs: 0, signal: new AbortController().signal });
  await policy.close();
  assertEquals(closed, 1);
});
