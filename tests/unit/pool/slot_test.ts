import { assertEquals } from "@std/assert";
import type { WornBy } from "../../../src/ops/mod.ts";
import { Wear } from "../../../src/pool/slot.ts";

const WEAR: readonly {
  readonly name: string;
  readonly maxCalls: number;
  readonly calls: readonly number[];
  readonly due: WornBy | undefined;
}[] = [
  { name: "no call", maxCalls: 1, calls: [], due: undefined },
  { name: "the last call", maxCalls: 3, calls: [10, 10, 10], due: "calls" },
  { name: "the last call but one", maxCalls: 3, calls: [10, 10], due: undefined },
  { name: "many calls where any number is allowed", maxCalls: 0, calls: Array(1000).fill(10), due: undefined },
  { name: "memory at half of its room", maxCalls: 0, calls: [70], due: undefined },
  { name: "memory above half of its room", maxCalls: 0, calls: [71], due: "memory" },
];

for (const { name, maxCalls, calls, due } of WEAR) {
  Deno.test(`Wear.due is ${due} after ${name}`, () => {
    const wear = new Wear(maxCalls, 40, 100);
    for (const memoryBytes of calls) wear.observe(memoryBytes);
    assertEquals(wear.due, due);
  });
}

Deno.test("Wear.due is undefined for an instance whose first memory is its cap", () => {
  const wear = new Wear(0, 100, 100);
  wear.observe(100);
  assertEquals(wear.due, undefined);
});
