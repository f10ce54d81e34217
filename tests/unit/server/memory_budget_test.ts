import { assertEquals } from "@std/assert";
import { MemoryBudget } from "../../../src/server/memory_budget.ts";

function holder(): { gaveUp: number; giveUp(): void } {
  return {
    gaveUp: 0,
    giveUp() {
      this.gaveUp++;
    },
  };
}

Deno.test("MemoryBudget has nobody give up at the bound, and the oldest one byte over it", () => {
  const budget = new MemoryBudget(100);
  const [a, b, c] = [holder(), holder(), holder()];
  budget.hold(a, 40);
  budget.hold(b, 30);
  // Who holds more stays as old as it is.
  budget.hold(a, 50);
  budget.hold(c, 20);
  assertEquals([a.gaveUp, b.gaveUp, c.gaveUp], [0, 0, 0]);
  budget.hold(c, 21);
  assertEquals([a.gaveUp, b.gaveUp, c.gaveUp], [1, 0, 0]);
  budget.hold(b, 79);
  assertEquals([a.gaveUp, b.gaveUp, c.gaveUp], [1, 0, 0]);
});

Deno.test("MemoryBudget has as many give up as it takes, the one that asks included", () => {
  const budget = new MemoryBudget(100);
  const [a, b] = [holder(), holder()];
  budget.hold(a, 100);
  budget.hold(b, 101);
  assertEquals([a.gaveUp, b.gaveUp], [1, 1]);
  budget.hold(a, 100);
  assertEquals([a.gaveUp, b.gaveUp], [1, 1]);
});

Deno.test("MemoryBudget counts no more what was released", () => {
  const budget = new MemoryBudget(100);
  const [a, b] = [holder(), holder()];
  budget.hold(a, 100);
  budget.release(a);
  budget.release(a);
  budget.hold(b, 100);
  assertEquals([a.gaveUp, b.gaveUp], [0, 0]);
});
