import { assertEquals, assertRejects } from "@std/assert";
import { PoolError } from "../../src/errors.ts";
import { Semaphore } from "../../src/pool/semaphore.ts";

Deno.test("Semaphore: a permit given back right after its only waiter has given up is free", async () => {
  const semaphore = new Semaphore(1, 1);
  semaphore.tryAcquire();
  const controller = new AbortController();
  const wait = semaphore.acquire({ timeoutMs: 0, signal: controller.signal });
  controller.abort();
  semaphore.release();
  await assertRejects(() => wait, PoolError);
  assertEquals([semaphore.free, semaphore.waiting], [1, 0]);
});
