import { assertEquals } from "@std/assert";
import { MAX_METRICS, Meter } from "../../../src/guest/meter.ts";

const encoder = new TextEncoder();
const add = (meter: Meter, name: string, value: number) => meter.add(encoder.encode(name), value);

Deno.test("Meter.take() gives sums in the order of their first use, and begins anew", () => {
  const meter = new Meter();
  assertEquals(meter.take(), undefined);
  add(meter, "b", 1);
  add(meter, "a", 2);
  add(meter, "b", 0.5);
  assertEquals(meter.take(), { added: [["b", 1.5], ["a", 2]], uncounted: [] });
  assertEquals(meter.take(), undefined);
});

Deno.test("Meter keeps one counter more than a module may have, so that somebody can tell, and those that it has go on", () => {
  const meter = new Meter();
  for (let index = 0; index < 10 * MAX_METRICS; index++) add(meter, `m${index}`, 1);
  add(meter, "m0", 1);
  const { added } = meter.take() ?? { added: [] };
  assertEquals([added.length, added[0]], [MAX_METRICS + 1, ["m0", 2]]);
});

Deno.test("Meter tells the first of each kind that it does not count, escaped and cut", () => {
  const meter = new Meter();
  for (const name of ["a\u001b", "-", "x".repeat(1000)]) add(meter, name, 1);
  for (const value of [-1, NaN]) add(meter, `v${value < 0 ? 1 : 2}`, value);
  add(meter, "sum", Number.MAX_VALUE);
  add(meter, "sum", Number.MAX_VALUE);
  assertEquals(meter.take(), {
    added: [["sum", Number.MAX_VALUE]],
    uncounted: [["name", "a\\u{1b}"], ["value", "v1"]],
  });
});
