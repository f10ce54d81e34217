import { assertEquals } from "@std/assert";
import { bar, buckets, quantile, showBytes, showMs } from "../../../src/cli/figures.ts";

Deno.test.each([
  { ms: 0.0042, text: "4.2 us" },
  { ms: 0.0213, text: "21.3 us" },
  { ms: 0.9994, text: "999 us" },
  { ms: 1, text: "1 ms" },
  { ms: 1.9149, text: "1.91 ms" },
  { ms: 999.4, text: "999 ms" },
  { ms: 999.9, text: "1 s" },
  { ms: 2_500, text: "2.5 s" },
])("showMs() writes $ms as $text", ({ ms, text }) => assertEquals(showMs(ms), text));

Deno.test.each([
  { bytes: 0, text: "0 B" },
  { bytes: 1_023, text: "1023 B" },
  { bytes: 1_024, text: "1 KiB" },
  { bytes: 65_536, text: "64 KiB" },
  { bytes: 1_114_112, text: "1.06 MiB" },
  { bytes: -65_536, text: "-64 KiB" },
])("showBytes() writes $bytes as $text", ({ bytes, text }) => assertEquals(showBytes(bytes), text));

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
