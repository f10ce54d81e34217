import { assert, assertEquals, assertLessOrEqual, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PoolError } from "../../../src/errors.ts";
import { Semaphore } from "../../../src/pool/semaphore.ts";
import { sleep } from "../../../src/sleep.ts";

const LONG = { timeoutMs: 60_000 };

/** Lets everything that is due happen: all microtasks, and timers of 0 ms. */
function settle(): Promise<void> {
  return sleep(2);
}

Deno.test("Semaphore.tryAcquire() hands out as many permits as there are", () => {
  const semaphore = new Semaphore(2, 0);
  assertEquals([semaphore.tryAcquire(), semaphore.tryAcquire(), semaphore.tryAcquire()], [true, true, false]);
  assertEquals(semaphore.free, 0);
  semaphore.release();
  assertEquals(semaphore.free, 1);
  assert(semaphore.tryAcquire());
});

Deno.test("Semaphore.acquire() takes a free permit though nobody may wait", async () => {
  const semaphore = new Semaphore(1, 0);
  await semaphore.acquire(LONG);
  assertEquals(semaphore.free, 0);
});

Deno.test("Semaphore.acquire() resolves waiters in FIFO order", async () => {
  const semaphore = new Semaphore(1, 10);
  semaphore.tryAcquire();
  const order: number[] = [];
  const waits = [0, 1, 2, 3].map((index) => semaphore.acquire(LONG).then(() => order.push(index)));
  assertEquals(semaphore.waiting, 4);
  for (const wait of waits) {
    semaphore.release();
    await wait;
  }
  assertEquals(order, [0, 1, 2, 3]);
  assertEquals([semaphore.free, semaphore.waiting], [0, 0]);
});

Deno.test("Semaphore.release() hands the permit to a waiter, past anyone who only tries", async () => {
  const semaphore = new Semaphore(1, 1);
  semaphore.tryAcquire();
  const wait = semaphore.acquire(LONG);
  semaphore.release();
  assertEquals(semaphore.tryAcquire(), false);
  await wait;
  assertEquals(semaphore.free, 0);
});

Deno.test("Semaphore.acquire() rejects at once where the queue is full", async () => {
  const semaphore = new Semaphore(1, 1);
  semaphore.tryAcquire();
  const wait = semaphore.acquire(LONG);
  const error = await assertRejects(() => semaphore.acquire(LONG), PoolError, "at most 1 may wait (--queue-size)");
  assertEquals(error.code, "POOL_QUEUE_FULL");
  assertEquals(semaphore.waiting, 1);
  semaphore.release();
  await wait;
});

for (const timeoutMs of [0, -5]) {
  Deno.test(`Semaphore.acquire() rejects a wait of ${timeoutMs} ms, and the permit stays`, async () => {
    const semaphore = new Semaphore(1, 1);
    semaphore.tryAcquire();
    const error = await assertRejects(() => semaphore.acquire({ timeoutMs }), PoolError, "--timeout-ms");
    assertEquals(error.code, "POOL_WAIT_TIMEOUT");
    assertEquals(semaphore.waiting, 0);
    semaphore.release();
    assertEquals(semaphore.free, 1);
  });
}

Deno.test("Semaphore.acquire() rejects where the signal is aborted already, though a permit is free", async () => {
  const semaphore = new Semaphore(1, 1);
  const error = await assertRejects(
    () => semaphore.acquire({ ...LONG, signal: AbortSignal.abort() }),
    PoolError,
  );
  assertEquals(error.code, "POOL_WAIT_ABORTED");
  assertEquals(semaphore.free, 1);
});

Deno.test("Semaphore.acquire() rejects when its signal is aborted, and the next in the queue gets the permit", async () => {
  const semaphore = new Semaphore(1, 2);
  semaphore.tryAcquire();
  const controller = new AbortController();
  const first = semaphore.acquire({ ...LONG, signal: controller.signal });
  const second = semaphore.acquire(LONG);
  controller.abort();
  assertEquals((await assertRejects(() => first, PoolError)).code, "POOL_WAIT_ABORTED");
  assertEquals(semaphore.waiting, 1);
  semaphore.release();
  await second;
  assertEquals([semaphore.free, semaphore.waiting], [0, 0]);
});

Deno.test("Semaphore.release() in the same step as an abort loses no permit", async () => {
  const semaphore = new Semaphore(1, 1);
  semaphore.tryAcquire();
  const controller = new AbortController();
  const wait = semaphore.acquire({ ...LONG, signal: controller.signal });
  controller.abort();
  semaphore.release();
  await assertRejects(() => wait, PoolError);
  assertEquals(semaphore.free, 1);
});

Deno.test("Semaphore.release() in the same step as an abort hands the permit to the next in the queue", async () => {
  const semaphore = new Semaphore(1, 2);
  semaphore.tryAcquire();
  const controller = new AbortController();
  const wait = semaphore.acquire({ ...LONG, signal: controller.signal });
  let handed = false;
  const next = semaphore.acquire(LONG).then(() => handed = true);
  controller.abort();
  semaphore.release();
  await assertRejects(() => wait, PoolError);
  await settle();
  const had = handed;
  // Lets the test end where the permit was lost.
  if (!had) semaphore.release();
  await next;
  assert(had);
});

Deno.test("Semaphore.acquire() ignores an abort after it has resolved", async () => {
  const semaphore = new Semaphore(1, 1);
  semaphore.tryAcquire();
  const controller = new AbortController();
  const wait = semaphore.acquire({ ...LONG, signal: controller.signal });
  semaphore.release();
  controller.abort();
  await wait;
  assertEquals(semaphore.free, 0);
  semaphore.release();
  assertEquals(semaphore.free, 1);
});

type Step =
  | { readonly kind: "acquire"; readonly patient: boolean }
  | { readonly kind: "try" | "release" | "settle" }
  | { readonly kind: "abort"; readonly which: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("acquire" as const), patient: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("try" as const) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("release" as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("abort" as const), which: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("settle" as const) }) },
  ),
  { maxLength: 40 },
);

Deno.test("Semaphore never loses a permit, never hands out one too many, never changes the order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.nat(4), steps, async (permits, maxWaiting, script) => {
      const semaphore = new Semaphore(permits, maxWaiting);
      let held = 0;
      let asked = 0;
      let latest = -1;
      const pending: { readonly controller: AbortController; readonly done: Promise<void> }[] = [];
      for (const step of script) {
        if (step.kind === "acquire") {
          const number = asked++;
          // One that finds a permit may be told before one that was handed its own a moment ago.
          const waits = semaphore.free === 0 || semaphore.waiting > 0;
          const controller = new AbortController();
          const { signal } = controller;
          const done = semaphore.acquire({ timeoutMs: step.patient ? LONG.timeoutMs : 0, signal }).then(() => {
            if (waits) {
              assert(number > latest, "granted out of order");
              latest = number;
            }
            held++;
            assertLessOrEqual(held, permits);
          }, (error) => assert(error instanceof PoolError, String(error)));
          pending.push({ controller, done });
        } else if (step.kind === "try") {
          if (semaphore.tryAcquire()) held++;
        } else if (step.kind === "release") {
          if (held > 0) {
            held--;
            semaphore.release();
          }
        } else if (step.kind === "abort") {
          pending[step.which % pending.length]?.controller.abort();
        } else {
          await settle();
          assertEquals(semaphore.free + held, permits);
        }
        assertLessOrEqual(semaphore.waiting, maxWaiting);
      }
      for (const { controller } of pending) controller.abort();
      await Promise.all(pending.map(({ done }) => done));
      assertEquals(semaphore.free + held, permits);
      assertEquals(semaphore.waiting, 0);
    }),
    { numRuns: 150 },
  );
});

Deno.test.each([
  { permits: -1, maxWaiting: 0 },
  { permits: NaN, maxWaiting: 0 },
  { permits: 0.5, maxWaiting: 0 },
  { permits: 0, maxWaiting: -1 },
  { permits: 0, maxWaiting: Infinity },
])("Semaphore refuses $permits permits with $maxWaiting waiters", ({ permits, maxWaiting }) => {
  assertThrows(() => new Semaphore(permits, maxWaiting), TypeError, "must be a whole number, 0 or more");
});

Deno.test("Semaphore takes no permits and no waiters", () => {
  const semaphore = new Semaphore(0, 0);
  assertEquals([semaphore.free, semaphore.tryAcquire()], [0, false]);
});
