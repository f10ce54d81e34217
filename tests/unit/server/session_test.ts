import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Arrival, spentOn } from "../../../src/server/session.ts";
import { lastNow, now } from "../../../src/time.ts";

Deno.test("Arrival.signal is one signal, aborted by abort()", () => {
  const arrival = new Arrival(7);
  const { signal } = arrival;
  assertEquals([arrival.at, signal.aborted], [7, false]);
  arrival.abort();
  assertStrictEquals(arrival.signal, signal);
  assertEquals(signal.aborted, true);
});

Deno.test("Arrival.signal is aborted where abort() came before anyone asked for it", () => {
  const arrival = new Arrival(0);
  arrival.abort();
  arrival.abort();
  assertEquals(arrival.signal.aborted, true);
});

Deno.test("spentOn() looks at the clock for a frame above 16 KiB, and for no other", () => {
  const before = now();
  assertEquals([spentOn(new Uint8Array(16 * 1024)), lastNow()], [0, before]);
  while (performance.now() === before);
  const spent = spentOn(new Uint8Array(16 * 1024 + 1));
  assert(spent > 0);
  assertEquals(lastNow(), before + spent);
});
