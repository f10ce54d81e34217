import { assertEquals } from "@std/assert";
import { noteDropped } from "../../../src/pool/collect.ts";

Deno.test("noteDropped() asks for a collection each time 64 MiB have been dropped", () => {
  const real: unknown = Reflect.get(globalThis, "gc");
  const asked: number[] = [];
  let dropped = 0;
  Reflect.set(globalThis, "gc", () => asked.push(dropped));
  try {
    for (dropped = 16; dropped <= 160; dropped += 16) noteDropped(16 * 1024 * 1024);
  } finally {
    if (real === undefined) Reflect.deleteProperty(globalThis, "gc");
    else Reflect.set(globalThis, "gc", real);
  }
  assertEquals(asked, [64, 128]);
});
