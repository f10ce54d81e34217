import { assertEquals } from "@std/assert";
import { bar, buckets, quantile } from "../../../src/cli/spread.ts";

Deno.test("quantile() is the value that a share of all is at most", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  assertEquals([0, 0.5, 0.99, 1].map((share) => quantile(hundred, share)), [1, 50, 99, 100]);
  assertEquals([0, 0.5, 1].map((share) => quantile([7], share)), [7, 7, 7]);
});

Deno.test.each([
  { name: "one", times: [3] },
  { name: "equal ones", times: [3, 3, 3] },
  { name: "a few", times: [1, 2, 4, 8, 1_000] },
  { name: "zero among others", times: [0, 0, 1, 2] },
  { name: "many", times: Array.from({ length: 5_000 }, (_, index) => 1 + index / 100) },
])("buckets() has each of $name in one bucket, the last of which ends at the longest", ({ times }) => {
  const found = buckets(times);
  assertEquals(found.reduce((sum, { count }) => sum + count, 0), times.length);
  assertEquals(found.at(-1)?.toMs, times.at(-1));
  assertEquals(found.map(({ toMs }) => toMs), found.map(({ toMs }) => toMs).toSorted((one, other) => one - other));
});

Deno.test.each([
  { share: 0, text: "" },
  { share: 1e-9, text: "▏" },
  { share: 0.5, text: "█████" },
  { share: 1, text: "██████████" },
  { share: 0.125, text: "█▎" },
])("bar() draws $share of ten columns as $text", ({ share, text }) => assertEquals(bar(share, 10), text));
