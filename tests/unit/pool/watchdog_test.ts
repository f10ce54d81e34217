import { assertEquals, assertThrows } from "@std/assert";
import { Pool, Watchdog } from "../../../src/pool/mod.ts";
import { callOf, guestText, outcomeOf, prepare, textOf, useProgramsThreads } from "../guest/guests.ts";

Deno.test("Watchdog.allot() gives each row to one owner, and no more than it was started for", async () => {
  useProgramsThreads();
  using watchdog = await Watchdog.start([{ rows: 2, shortestMs: 50 }, { rows: 3, shortestMs: 20 }]);
  assertEquals([watchdog.allot(2), watchdog.allot(3), watchdog.allot(0)], [[0, 1], [2, 3, 4], []]);
  assertThrows(() => watchdog.allot(1), TypeError, "at most 0 of 5");
});

Deno.test("one Watchdog ends the calls of two pools, and the second's still once the first is closed", async () => {
  useProgramsThreads();
  const module = await prepare(guestText("does_as_told"));
  const shape = { size: 1, reserve: 0 };
  using watchdog = await Watchdog.start([Pool.needs(module, shape), Pool.needs(module, shape)]);
  const create = () => Pool.create(module, { ...shape, watchdog, queueSize: 1, observer: {} });
  const pools = [await create(), await create()];
  for (const pool of pools) {
    const call = { ...callOf("s", { deadline: performance.now() + 50 }), cohort: 0 };
    const outcome = await outcomeOf(() => pool.run(call, textOf));
    assertEquals("code" in outcome ? outcome.code : outcome.value, "GUEST_DEADLINE");
    await pool.close();
  }
  // A slot whose call overran rests for a moment.
  await new Promise((resolve) => setTimeout(resolve, 50));
});
