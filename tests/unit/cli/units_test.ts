import { assertEquals } from "@std/assert";
import { showBytes, showMs } from "../../../src/cli/units.ts";

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
