import { assert, assertEquals } from "@std/assert";
import type { ModuleLimits } from "../../../src/guest/mod.ts";
import { Pool, type PoolCall, Watchdog } from "../../../src/pool/mod.ts";
import { sleep } from "../../../src/sleep.ts";
import { callOf, guestText, LIMITS, outcomeOf, prepare, textOf, useProgramsThreads } from "../guest/guests.ts";
import { recordingObserver } from "../ops/recording_observer.ts";

/** A pool of one instance that is looked at; with a thread of its own if `reserve` is 1. */
async function observed(limits: Partial<ModuleLimits> = {}, reserve = 0) {
  useProgramsThreads();
  const { observer, told } = recordingObserver();
  const module = await prepare(guestText("does_as_told"), limits);
  const watchdog = await Watchdog.start();
  const pool = await Pool.create(module, { watchdog, size: 1, queueSize: 7, reserve, observer });
  return {
    pool,
    /** What was told of these members, their values without the module's name. */
    toldOf: (...members: readonly string[]) =>
      told.filter(([member]) => members.includes(member)).map(([member, , ...values]) => [member, ...values]),
    run: (what?: string, timeoutMs = LIMITS.timeoutMs) => {
      const call: PoolCall = { ...callOf(what, { deadline: performance.now() + timeoutMs }), cohort: 0 };
      return outcomeOf(() => pool.run(call, textOf));
    },
    async [Symbol.asyncDispose]() {
      await pool.close();
      watchdog[Symbol.dispose]();
    },
  };
}

/** Waits until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(1);
}

Deno.test("Pool.snapshot() tells what each slot has served and holds", async () => {
  await using one = await observed({ maxMemoryMiB: 4 }, 1);
  await one.run();
  await one.run();
  const { slots, ...rest } = one.pool.snapshot();
  assertEquals(rest, {
    module: "guest.wasm",
    waiting: { event_loop: 0, thread: 0 },
    queueSize: 7,
    inThreads: false,
    maxMemoryBytes: 4 * 1024 * 1024,
  });
  assertEquals(slots.map(({ place, state, calls, work }) => [place, state, calls, work]), [
    ["event_loop", "idle", 2, undefined],
    ["thread", "idle", 0, undefined],
  ]);
  assert(slots.every(({ memoryBytes, ageMs }) => memoryBytes >= 65_536 && ageMs >= 0));
});

Deno.test("Pool.snapshot() shows the call that a thread is at, until it has ended", async () => {
  await using one = await observed({ timeoutMs: 1_500 }, 1);
  // It goes to the thread once its leash has ended it on the event loop.
  const spinning = one.run("s", 1_500);
  await until(() => one.pool.snapshot().slots.some(({ state }) => state === "working"));
  const [working] = one.pool.snapshot().slots.filter(({ state }) => state === "working");
  assertEquals([working?.place, working?.work?.phase], ["thread", "request_headers"]);
  assert((working?.work?.forMs ?? -1) >= 0);
  await spinning;
  await until(() => one.pool.snapshot().slots.every(({ state }) => state === "idle"));
  assertEquals(one.pool.snapshot().slots.map(({ work }) => work), [undefined, undefined]);
});

Deno.test("Pool tells of each instance that starts, and why one has ended", async () => {
  await using one = await observed({ maxRequestsPerInstance: 2 });
  await one.run("t");
  await until(() => one.toldOf("made").length === 2);
  await one.run();
  await one.run();
  await until(() => one.toldOf("made").length === 3);
  assertEquals(one.toldOf("made", "ended").map(([member, what]) => [member, what]), [
    ["made", "event_loop"],
    ["ended", "GUEST_TRAPPED"],
    ["made", "event_loop"],
    ["ended", "calls"],
    ["made", "event_loop"],
  ]);
});

Deno.test("Pool tells how long a call has waited and taken, and of a call at once that it has not waited", async () => {
  await using one = await observed();
  await one.run();
  // The second finds the only instance about to be replaced.
  const [failed, waited] = [one.run("t"), one.run()];
  await Promise.all([failed, waited]);
  const [first, second, third] = one.toldOf("called").map(([, waitedMs, tookMs]) => [Number(waitedMs), Number(tookMs)]);
  assertEquals([first?.[0], second?.[0]], [0, 0]);
  assert((third?.[0] ?? 0) > 0, "the third call has waited");
  for (const call of [first, second, third]) assert((call?.[1] ?? 0) > 0, "each call takes some time");
});
