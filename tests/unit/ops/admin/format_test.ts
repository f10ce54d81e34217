import { assertEquals } from "@std/assert";
import { age, bytes, count, percent, time } from "../../../../src/ops/admin/page/format.js";

Deno.test.each([
  { shown: count(0), as: "0" },
  { shown: count(7.26), as: "7.3" },
  { shown: count(980), as: "980" },
  { shown: count(9_994), as: "9,994" },
  { shown: count(12_449), as: "12.4 k" },
  { shown: count(999_499), as: "999 k" },
  { shown: count(999_500), as: "1.00 M" },
  { shown: count(3.2e9), as: "3.20 G" },
  { shown: count(1_254_000), as: "1.25 M" },
  { shown: time(undefined), as: "–" },
  { shown: time(0.0384), as: "38 µs" },
  { shown: time(1.24), as: "1.2 ms" },
  { shown: time(40), as: "40 ms" },
  { shown: time(2_500), as: "2.5 s" },
  { shown: bytes(512), as: "512 B" },
  { shown: bytes(65_536), as: "64 KiB" },
  { shown: bytes(1_572_864), as: "1.5 MiB" },
  { shown: age(-1), as: "0 s" },
  { shown: age(59.9), as: "59 s" },
  { shown: age(60), as: "1 min" },
  { shown: age(3_600), as: "1 h" },
  { shown: age(3_660), as: "1 h 1 min" },
  { shown: age(90_000), as: "1 d 1 h" },
  { shown: percent(1, 0), as: "0 %" },
  { shown: percent(1, 8), as: "13 %" },
  { shown: percent(1, 1_000_000), as: "<0.01 %" },
])("the status page shows $as", ({ shown, as }) => {
  assertEquals(shown, as);
});
