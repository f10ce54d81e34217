import { assertEquals } from "@std/assert";
import { Stock } from "../../src/stock.ts";

Deno.test("Stock.take() makes one where none was given back, and gives each to one user alone", () => {
  let made = 0;
  const stock = new Stock(() => ({ number: made++ }), 2);
  const first = stock.take();
  const second = stock.take();
  stock.give(first);
  stock.give(second);
  const taken = new Set([stock.take(), stock.take()]);
  assertEquals([taken.has(first), taken.has(second), made], [true, true, 2]);
  assertEquals(stock.take().number, 2);
});

Deno.test("Stock.give() keeps no more than it may", () => {
  let made = 0;
  const stock = new Stock(() => ({ number: made++ }), 2);
  const taken = [stock.take(), stock.take(), stock.take()];
  for (const one of taken) stock.give(one);
  assertEquals([stock.take(), stock.take(), stock.take()].map(({ number }) => number).sort(), [0, 1, 3]);
});
