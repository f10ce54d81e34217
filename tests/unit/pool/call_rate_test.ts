import { assertEquals } from "@std/assert";
import { CallRate } from "../../../src/pool/call_rate.ts";

/** Whether calls are few after `count` of them, one every `everyMs`, from `from` on. */
function after(rate: CallRate, count: number, everyMs: number, from = 0): boolean {
  for (let call = 0; call < count; call++) rate.count(from + call * everyMs);
  return rate.few;
}

Deno.test("CallRate takes calls for many until it has seen few for a tenth of a second", () => {
  const rate = new CallRate();
  assertEquals([after(rate, 5, 20), after(rate, 1, 0, 100)], [false, true]);
});

const RATES = [
  { everyMs: 1, few: true },
  { everyMs: 0.9, few: false },
];

for (const { everyMs, few } of RATES) {
  Deno.test(`CallRate takes a call every ${everyMs} ms for ${few ? "few" : "many"}`, () => {
    assertEquals(after(new CallRate(), 501, everyMs), few);
  });
}

Deno.test("CallRate takes a burst for many from its hundredth call on", () => {
  const rate = new CallRate();
  after(rate, 2, 100);
  assertEquals([after(rate, 98, 0, 101), after(rate, 2, 0, 101)], [true, false]);
});
