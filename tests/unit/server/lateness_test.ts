import { assertEquals } from "@std/assert";
import { lateAfterMs } from "../../../src/server/mod.ts";

for (const [timeoutMs, expected] of [[1, 11], [5, 15], [39, 49], [40, 50], [41, 51.25], [1000, 1250]] as const) {
  Deno.test(`lateAfterMs(${timeoutMs}) is ${expected}`, () => {
    assertEquals(lateAfterMs(timeoutMs), expected);
  });
}
