import { assertEquals, assertRejects } from "@std/assert";
import { sleep, within } from "../../src/sleep.ts";

Deno.test("within() resolves to what comes in time, and leaves no timer", async () => {
  assertEquals(await within(60_000, Promise.resolve("news")), "news");
});

Deno.test("within() resolves to nothing once its time is over", async () => {
  assertEquals(await within(1, new Promise(() => {})), undefined);
});

Deno.test("within() rejects as what is waited for does", async () => {
  await assertRejects(() => within(60_000, Promise.reject(new TypeError("x"))), TypeError, "x");
});

Deno.test("sleep() lets other work come first", async () => {
  const order: string[] = [];
  const slept = sleep(0).then(() => order.push("slept"));
  await Promise.resolve().then(() => order.push("other"));
  await slept;
  assertEquals(order, ["other", "slept"]);
});
