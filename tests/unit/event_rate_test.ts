import { assertEquals } from "@std/assert";
import { EventRate } from "../../src/event_rate.ts";

/** Whether events are few after `count` of them, one every `everyMs`, from `from` on. */
function after(rate: EventRate, count: number, everyMs: number, from = 0): boolean {
  for (let event = 0; event < count; event++) rate.count(from + event * everyMs, 1);
  return rate.few;
}

Deno.test("EventRate takes events for many until it has seen few for a tenth of a second", () => {
  const rate = new EventRate();
  assertEquals([after(rate, 5, 20), after(rate, 1, 0, 100)], [false, true]);
});

const RATES = [
  { everyMs: 1, few: true },
  { everyMs: 0.9, few: false },
];

for (const { everyMs, few } of RATES) {
  Deno.test(`EventRate takes an event every ${everyMs} ms for ${few ? "few" : "many"}`, () => {
    assertEquals(after(new EventRate(), 501, everyMs), few);
  });
}

Deno.test("EventRate takes a burst for many from its hundredth event on", () => {
  const rate = new EventRate();
  after(rate, 2, 100);
  assertEquals([after(rate, 98, 0, 101), after(rate, 2, 0, 101)], [true, false]);
});
