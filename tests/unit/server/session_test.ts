import { assertEquals, assertStrictEquals } from "@std/assert";
import { Arrival } from "../../../src/server/session.ts";

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
