import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { GuestError, PoolError } from "../../../src/errors.ts";
import { Pool, Watchdog } from "../../../src/pool/mod.ts";
import { DeadlineRow } from "../../../src/pool/deadlines.ts";
import { sleep } from "../../../src/sleep.ts";
import { callOf, guestText, outcomeOf, prepare, textOf, useProgramsThreads } from "../guest/guests.ts";

const USUAL = { shortestMs: 20, longestMs: 50 };

Deno.test("Watchdog.allot() gives each row to one owner, and to another once it is given back", async () => {
  useProgramsThreads();
  using watchdog = await Watchdog.start();
  const first = watchdog.allot(2, USUAL);
  const second = watchdog.allot(3, USUAL);
  assertEquals([first.rows, second.rows, watchdog.allot(0, USUAL).rows], [[0, 1], [2, 3, 4], []]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const third = watchdog.allot(3, USUAL);
  assertEquals(third.rows, [0, 1, 5]);
  // The rows are somebody else's by now.
  first[Symbol.dispose]();
  assertEquals(watchdog.allot(1, USUAL).rows, [6]);
});

Deno.test("Watchdog.allot() keeps a row in which a call still runs from others until that has ended", async () => {
  useProgramsThreads();
  using watchdog = await Watchdog.start();
  const rows = watchdog.allot(1, USUAL);
  const row = new DeadlineRow(watchdog.table, 0);
  row.begin(performance.now() + 3_600_000);
  rows[Symbol.dispose]();
  assertEquals(watchdog.allot(1, USUAL).rows, [1]);
  row.end();
  assertEquals(watchdog.allot(1, USUAL).rows, [0]);
});

Deno.test("Watchdog.allot() refuses more rows than there are, and takes as many", async () => {
  useProgramsThreads();
  using watchdog = await Watchdog.start();
  assertThrows(() => watchdog.allot(8_193, USUAL), PoolError, "at most 8192 of 8192");
  assertEquals(watchdog.allot(8_192, USUAL).rows.length, 8_192);
  assertThrows(() => watchdog.allot(1, USUAL), PoolError, "at most 0 of 8192");
});

Deno.test("one Watchdog ends the calls of two pools, and the second's still once the first is closed", async () => {
  useProgramsThreads();
  const module = await prepare(guestText("does_as_told"));
  using watchdog = await Watchdog.start();
  const create = () => Pool.create(module, { size: 1, reserve: 0, watchdog, queueSize: 1, observer: {} });
  const pools = [await create(), await create()];
  for (const pool of pools) {
    const call = { ...callOf("s", { deadline: performance.now() + 50 }), cohort: 0 };
    const outcome = await outcomeOf(() => pool.run(call, textOf));
    assertEquals("code" in outcome ? outcome.code : outcome.value, "GUEST_DEADLINE");
    await pool.close();
  }
  // A slot whose call overran rests for a moment.
  await sleep(50);
});

Deno.test("a Pool that is closed, or does not start, leaves its rows to the next", async () => {
  useProgramsThreads();
  using watchdog = await Watchdog.start();
  const shape = { size: 2, reserve: 0, watchdog, queueSize: 1, observer: {} };
  const good = await prepare(guestText("does_as_told"));
  const bad = await prepare(guestText("initialize_traps"));
  for (let round = 0; round < 3; round++) {
    await (await Pool.create(good, shape)).close();
    await assertRejects(async () => await Pool.create(bad, shape), GuestError);
  }
  assertEquals(watchdog.allot(1, USUAL).rows, [0]);
});
