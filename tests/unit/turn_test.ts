import { assertEquals } from "@std/assert";
import { sleep } from "../../src/sleep.ts";
import { now } from "../../src/time.ts";
import { arrivalTime, forgetWork, noteWork } from "../../src/turn.ts";
import { StillClock } from "./server/still_clock.ts";

/** Something that takes `ms`, and is noted. */
function work(clock: StillClock, ms: number): void {
  const from = now();
  clock.pass(ms);
  now();
  noteWork(from);
}

function nextTurn(): Promise<void> {
  return sleep(0);
}

/** A test in turns of its own. */
function test(name: string, body: (clock: StillClock) => void | Promise<void>): void {
  Deno.test(name, async () => {
    await nextTurn();
    await using clock = new StillClock();
    await body(clock);
    await nextTurn();
  });
}

test("arrivalTime() is now where nothing long has happened", (clock) => {
  work(clock, 3);
  assertEquals(arrivalTime(), clock.time);
});

test("arrivalTime() is the start of the work that has just taken long", async (clock) => {
  const start = clock.time;
  work(clock, 3.1);
  assertEquals(arrivalTime(), start);
  await nextTurn();
  assertEquals(arrivalTime(), start);
});

test("arrivalTime() is now once the work before a socket was there is forgotten, however long, and also in the next turn", async (clock) => {
  work(clock, 100);
  forgetWork();
  clock.pass(0.1);
  assertEquals(arrivalTime(), clock.time);
  await nextTurn();
  assertEquals(arrivalTime(), clock.time);
});

for (const [name, ms, count] of [["short", 0.5, 10], ["very short, of a crowd", 0.0625, 80]] as const) {
  test(`arrivalTime() is the start of a turn that much ${name} work has made long`, (clock) => {
    const start = clock.time;
    for (let index = 0; index < count; index++) work(clock, ms);
    assertEquals(arrivalTime(), start);
  });
}

test("arrivalTime() is not dated back by work that is noted twice", (clock) => {
  const from = now();
  clock.pass(2);
  now();
  noteWork(from);
  noteWork(from);
  assertEquals(arrivalTime(), clock.time);
});

for (const [name, beforeMs, partMs] of [["short", 4, 0.125], ["long", 2, 2]] as const) {
  test(`arrivalTime() is the start of long work of which a ${name} part has been noted before the whole`, (clock) => {
    const start = now();
    clock.pass(beforeMs);
    work(clock, partMs);
    noteWork(start);
    assertEquals(arrivalTime(), start);
  });
}

test("noteWork() waits for no turn's end after short work", async (clock) => {
  let looks = 0;
  const { setImmediate: original } = globalThis;
  globalThis.setImmediate = ((look: () => void) => (looks++, original(look))) as typeof setImmediate;
  try {
    for (let index = 0; index < 8; index++) work(clock, 0.125);
    assertEquals(looks, 0);
    work(clock, 0.125);
    assertEquals(looks, 1);
  } finally {
    globalThis.setImmediate = original;
  }
  await nextTurn();
});

test("arrivalTime() is now again some milliseconds after a long turn", async (clock) => {
  const start = clock.time;
  work(clock, 40);
  await nextTurn();
  clock.pass(4);
  assertEquals(arrivalTime(), start);
  clock.pass(0.5);
  assertEquals(arrivalTime(), clock.time);
});

test("arrivalTime() within a long turn behind another is the start of the first, and behind both that of the second", async (clock) => {
  const first = clock.time;
  work(clock, 40);
  await nextTurn();
  clock.pass(1);
  const second = clock.time;
  work(clock, 20);
  assertEquals(arrivalTime(), first);
  await nextTurn();
  clock.pass(1);
  assertEquals(arrivalTime(), second);
});

test("arrivalTime() adds up no work of different turns", async (clock) => {
  for (let index = 0; index < 5; index++) {
    work(clock, 2);
    await nextTurn();
  }
  assertEquals(arrivalTime(), clock.time);
});
