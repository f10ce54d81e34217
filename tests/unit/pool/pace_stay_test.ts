import { assertEquals } from "@std/assert";
import { Pace } from "../../../src/pool/pace.ts";

const STAY_MS = 5_000;

/** A module in threads since `now` 0. */
function inThreads(): Pace {
  const pace = new Pace();
  pace.observeOnEventLoop(0, Infinity, 0);
  assertEquals(pace.slow, true);
  return pace;
}

/** Calls of 0.1 ms, one a millisecond. */
function shortCalls(pace: Pace, count: number, from: number): void {
  for (let call = 0; call < count; call++) pace.observeInThread(0, 0.1, from + call);
}

Deno.test("Pace keeps a module in threads whose calls run into their deadlines now and then, among many short ones", () => {
  const pace = inThreads();
  for (let round = 1; round < 60; round++) {
    pace.observeInThread(0, Infinity, round * 2_000);
    shortCalls(pace, 1_900, round * 2_000 + 1);
    assertEquals(pace.slow, true);
  }
});

Deno.test("Pace brings a module back from threads a whole stay after the last call that ran into its deadline", () => {
  const pace = inThreads();
  pace.observeInThread(0, Infinity, 1_000);
  shortCalls(pace, STAY_MS - 1, 1_000);
  assertEquals(pace.slow, true);
  shortCalls(pace, 1_000, 1_000 + STAY_MS);
  assertEquals(pace.slow, false);
});
