import { assertEquals } from "@std/assert";
import { createRate, RateLimit } from "../../src/rate_limit.ts";

Deno.test("RateLimit.admit() lets so many through a second, counts the others, and begins anew with the next", () => {
  let time = 1_700_000_000_000;
  const limit = new RateLimit(createRate(), 100, () => time);
  const admitted = () => Array.from({ length: 107 }, () => limit.admit()).filter(Boolean).length;
  assertEquals([admitted(), limit.takeRefused(), limit.takeRefused()], [100, 7, 0]);
  time += 999;
  assertEquals([admitted(), limit.takeRefused()], [0, 107]);
  time += 1;
  assertEquals([admitted(), limit.takeRefused()], [100, 7]);
  // A clock that was set back begins a second, too.
  time -= 5_000;
  assertEquals(admitted(), 100);
});

Deno.test("RateLimit.admit() counts what all views of the same words let through together", () => {
  const words = createRate();
  const views = Array.from({ length: 5 }, () => new RateLimit(words, 100, () => 0));
  const admitted = Array.from({ length: 250 }, (_, index) => views[index % 5]!.admit()).filter(Boolean).length;
  assertEquals([admitted, views[3]!.takeRefused(), views[0]!.takeRefused()], [100, 150, 0]);
});
