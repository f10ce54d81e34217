import { assert, assertEquals } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { eventRate } from "../../../src/event_rate.ts";
import type { GuestCall, GuestModule, ModuleLimits } from "../../../src/guest/mod.ts";
import { Pool, type PoolCall, Watchdog } from "../../../src/pool/mod.ts";
import { sleep } from "../../../src/sleep.ts";
import {
  callOf,
  guestText,
  LIMITS,
  type Outcome,
  outcomeOf,
  prepare,
  textOf,
  useProgramsThreads,
} from "../guest/guests.ts";

const CLEAN: Outcome = { value: '{"decision":"allow","tags":["clean"]}' };
/** A slot whose call overran is kept back for threads to start, at most this long and some more. */
const SETTLE_MS = 400;

/** A pool, and all threads that it starts. */
class Running implements AsyncDisposable {
  readonly pool: Pool;
  readonly workers: Worker[];
  readonly troubles: unknown[];
  readonly moves: boolean[];
  readonly #watchdog: Watchdog;
  readonly #Worker: typeof Worker;

  private constructor(
    pool: Pool,
    watchdog: Watchdog,
    parts: Pick<Running, "workers" | "troubles" | "moves">,
    original: typeof Worker,
  ) {
    this.pool = pool;
    this.#watchdog = watchdog;
    this.workers = parts.workers;
    this.troubles = parts.troubles;
    this.moves = parts.moves;
    this.#Worker = original;
  }

  static async start(module: GuestModule, size: number, queueSize = 100, reserve = 0): Promise<Running> {
    useProgramsThreads();
    const original = Worker;
    const parts = { workers: [] as Worker[], troubles: [] as unknown[], moves: [] as boolean[] };
    // The only way to a thread of the pool's: it hands none out.
    globalThis.Worker = class extends original {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        if (args[1]?.name === "slot") parts.workers.push(this);
      }
    };
    const watchdog = await Watchdog.start();
    const pool = await Pool.create(module, {
      watchdog,
      size,
      queueSize,
      reserve,
      observer: {
        notStarted: (_, error) => parts.troubles.push(error),
        moved: (_, toThreads) => parts.moves.push(toThreads),
      },
    });
    return new Running(pool, watchdog, parts, original);
  }

  /** Until when the last call of the first slot on the event loop was to end, in ticks: a word of the watchdog's table. */
  get lastDeadline(): number | undefined {
    return this.#watchdog.table[9];
  }

  /** Makes a call at `time` while the watchdog's next look is due after `ms`; true if the call has woken it. */
  wakesWatchdog(time: number, ms: number): boolean {
    const { table } = this.#watchdog;
    const [bell] = table;
    table[2] = Math.ceil((time + ms) * 8);
    this.pool.run(poolCallOf(undefined, { deadline: time + LIMITS.timeoutMs }), textOf, time);
    return table[0] !== bell;
  }

  async run(told?: string, timeoutMs = LIMITS.timeoutMs, cohort?: number): Promise<Outcome> {
    const plain = poolCallOf(told, { deadline: performance.now() + timeoutMs });
    const call = cohort === undefined ? plain : { ...plain, cohort };
    return await outcomeOf(() => this.pool.run(call, textOf));
  }

  /** Sends the module to threads, and waits until every slot has one. */
  async moveToThreads(size: number): Promise<void> {
    assertEquals(codeOf(await this.run("s", 30)), "GUEST_DEADLINE");
    assertEquals(this.moves, [true]);
    // As many calls that last, until they run at once, and so each in its own.
    for (let turns = 0; turns < 500; turns++) {
      await Promise.all(Array.from({ length: size }, () => this.run("l", undefined, SPINNING_KIND)));
      if (this.workers.length === size) break;
    }
    await sleep(SETTLE_MS);
    await Promise.all(Array.from({ length: size }, () => this.run("l", undefined, SPINNING_KIND)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.close();
    this.#watchdog[Symbol.dispose]();
    globalThis.Worker = this.#Worker;
    // For the pauses that were under way.
    await sleep(SETTLE_MS);
  }
}

const CLOCK = '(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))';
const STARTS_SLOWLY = `(func (export "_initialize") (local $left i32) (local.set $left (i32.const 300000000))
  (loop $again (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))`;
/** A start function that spins once the clock, in ns, has come to FROM. */
const SPINS_AT_START = `(func (export "_initialize")
  (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 512)))
  (if (i64.gt_u (i64.load (i32.const 512)) (i64.const FROM)) (then (loop $again (br $again)))))`;
/** A call of a cohort of its own for each thing it can be told. */
const poolCallOf = (told?: string, options: Partial<GuestCall> = {}): PoolCall => ({
  ...callOf(told, options),
  cohort: told?.charCodeAt(0) ?? 0,
});
/** Known to be long once the module has been moved to threads. */
const SPINNING_KIND = "s".charCodeAt(0);
const codeOf = (outcome: Outcome) => "code" in outcome ? outcome.code : outcome.value;
const told = (limits?: Partial<ModuleLimits>) => prepare(guestText("does_as_told"), limits);

Deno.test("Pool.run() answers at once where a slot is free and the module quick", async () => {
  await using running = await Running.start(await told(), 2);
  assertEquals(running.pool.run(poolCallOf(), textOf), '{"decision":"allow","tags":["clean"]}');
  assertEquals(running.workers, []);
});

Deno.test("Pool.run() hands slots to those who wait in the order they came, in threads", async () => {
  await using running = await Running.start(await told(), 1);
  await running.moveToThreads(1);
  assertEquals(codeOf(await running.run("s", 30)), "GUEST_DEADLINE");
  const order: number[] = [];
  await Promise.all(Array.from({ length: 20 }, async (_, index) => {
    assertEquals(await running.run(index === 0 ? "l" : undefined, undefined, SPINNING_KIND), CLEAN);
    order.push(index);
  }));
  assertEquals(order, Array.from({ length: 20 }, (_, index) => index));
});

Deno.test("Pool.run() refuses beyond its queue, and those past their deadline, without touching a guest", async () => {
  await using running = await Running.start(await told(), 1, 2);
  await running.moveToThreads(1);
  const run = (told?: string, timeoutMs?: number) => running.run(told, timeoutMs, SPINNING_KIND);
  // Known to be long, and nothing else: no such call is tried on the event loop.
  assertEquals(codeOf(await run("s", 30)), "GUEST_DEADLINE");
  assertEquals(await run("l"), CLEAN);
  const outcomes = await Promise.all([run("l"), run(), run(undefined, 0), run()]);
  assertEquals(outcomes.map(codeOf), [codeOf(CLEAN), codeOf(CLEAN), "POOL_WAIT_TIMEOUT", "POOL_QUEUE_FULL"]);
  assertEquals(await running.run(), CLEAN);
});

Deno.test.each([{ told: "t", code: "GUEST_TRAPPED" }, { told: "s", code: "GUEST_DEADLINE" }])(
  "Pool replaces an instance after $code, on the event loop and in threads",
  async ({ told: word, code }) => {
    await using running = await Running.start(await told(), 1);
    for (const place of ["event loop", "thread"]) {
      if (place === "thread") await running.moveToThreads(1);
      for (let round = 0; round < 3; round++) {
        assertEquals(codeOf(await running.run(word, word === "s" ? 50 : undefined)), code);
        assertEquals(await running.run(), CLEAN);
        if (place === "event loop" && word === "s") break;
      }
      if (word === "s" && place === "event loop") return;
    }
  },
);

Deno.test("Pool replaces an instance whose result is refused by who takes it", async () => {
  await using running = await Running.start(await prepare(guestText("counts_calls")), 1);
  const tagOf = (outcome: Outcome) => "value" in outcome ? JSON.parse(outcome.value).tags[0] : outcome.code;
  assertEquals(tagOf(await running.run()), "0001");
  assertEquals(tagOf(await running.run()), "0002");
  const refused = await outcomeOf(() =>
    running.pool.run(poolCallOf(), () => {
      throw new GuestError("GUEST_BAD_RESULT", "Cannot use result as it must please: received this one");
    })
  );
  assertEquals(codeOf(refused), "GUEST_BAD_RESULT");
  assertEquals(tagOf(await running.run()), "0001");
});

Deno.test("Pool runs no more than one call on the event loop once a module has overrun there", async () => {
  await using running = await Running.start(await told(), 3);
  let turns = 0;
  const ticking = setInterval(() => turns++, 5);
  // Each would hold up the event loop for its whole deadline, one after the other.
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => running.run("s", 1_500)));
  clearInterval(ticking);
  assert(outcomes.every((outcome) => /^(GUEST_DEADLINE|POOL_WAIT_TIMEOUT)$/.test(codeOf(outcome))));
  // The last of them ended in threads, beside which the event loop went on.
  const later = await Promise.all([running.run("s", 1_000), sleep(100).then(() => "awake while it spins")]);
  assertEquals([codeOf(later[0]), later[1]], ["GUEST_DEADLINE", "awake while it spins"]);
  assert(turns > 10, `${turns} turns of the event loop`);
});

Deno.test("Pool.run() answers at once what has proven short, though all threads are busy with what has not", async () => {
  await using running = await Running.start(await told(), 2);
  await running.moveToThreads(2);
  for (let round = 0; round < 50; round++) assertEquals(await running.run(), CLEAN);
  const spinning = [1, 2, 3].map(() => running.run("s", 500));
  await sleep(50);
  let atOnce = 0;
  for (let round = 0; round < 10; round++) {
    const result = running.pool.run(poolCallOf(), textOf);
    // A machine that holds up one of a few microseconds makes it look long.
    if (!(result instanceof Promise)) atOnce++;
    assertEquals(await result, CLEAN.value);
  }
  assert(atOnce > 0);
  assertEquals((await Promise.all(spinning)).map(codeOf).slice(0, 2), ["GUEST_DEADLINE", "GUEST_DEADLINE"]);
});

Deno.test("Pool replaces an instance on the event loop while the others are in threads", async () => {
  await using running = await Running.start(await told(), 1);
  await running.moveToThreads(1);
  // Cohorts apart by what is told: this one proves short.
  const short: PoolCall = { ...poolCallOf(), cohort: 1 };
  for (let round = 0; round < 50; round++) assertEquals(await running.pool.run(short, textOf), CLEAN.value);
  const trapped = await outcomeOf(() => running.pool.run({ ...poolCallOf("t"), cohort: 1 }, textOf));
  assertEquals(codeOf(trapped), "GUEST_TRAPPED");
  assertEquals(await running.pool.run({ ...short, deadline: performance.now() + 4_000 }, textOf), CLEAN.value);
  assertEquals(running.troubles, []);
});

Deno.test("Pool keeps a module in threads whose instances start slower than a call may take", async () => {
  const text = guestText("does_as_told") + STARTS_SLOWLY;
  await using running = await Running.start(await prepare(text, { timeoutMs: 20 }), 1);
  assertEquals(running.moves, [true]);
  for (let turns = 0; running.workers.length < 1 && turns < 500; turns++) await sleep(10);
  await sleep(SETTLE_MS);
  for (let round = 0; round < 50; round++) {
    const call = poolCallOf(undefined, { deadline: performance.now() + 4_000 });
    const result = running.pool.run(call, textOf);
    assert(result instanceof Promise);
    assertEquals(await result, CLEAN.value);
  }
});

Deno.test("Pool answers a call whose thread dies by an error, and has another in its place", async () => {
  await using running = await Running.start(await told(), 1);
  await running.moveToThreads(1);
  assertEquals(running.workers.length, 1);
  const dying = running.run("s", 2_000);
  await sleep(20);
  running.workers[0]!.dispatchEvent(new ErrorEvent("error", { message: "out of luck" }));
  const outcome = await dying;
  assert("code" in outcome && outcome.message.includes("out of luck"), JSON.stringify(outcome));
  assertEquals(outcome.code, "GUEST_THREAD_DIED");
  assertEquals(await running.run(), CLEAN);
  assertEquals(running.workers.length, 2);
});

Deno.test("Pool gives up threads whose dropped instances held much memory, and answers on", async () => {
  // So that its calls belong in threads, however short they are.
  const text = guestText("misbehaves_as_told").replace(/\)\s*$/, `${STARTS_SLOWLY})`);
  await using running = await Running.start(await prepare(text, { maxMemoryMiB: 32, timeoutMs: 20 }), 1);
  for (let turns = 0; running.workers.length < 1 && turns < 500; turns++) await sleep(10);
  await sleep(SETTLE_MS);
  // Each grows to the cap: three dropped ones hold more than a thread may. Some find no thread in time, and run on the event loop.
  for (let round = 0; round < 60 && running.workers.length < 3; round++) {
    assertEquals(await running.run("g12345678", undefined, SPINNING_KIND), {
      value: '{"decision":"allow","tags":["12345678"]}',
    });
  }
  assert(running.workers.length >= 3, `${running.workers.length} threads`);
  assertEquals(running.troubles, []);
});

const RESERVE = 1;

Deno.test("Pool has its reserve of threads from the start, and a call that its leash ends is made anew in one", async () => {
  await using running = await Running.start(await told(), 1, 100, RESERVE);
  assertEquals(running.workers.length, 1);
  // Longer than the leash: at most 10 ms of 4,000.
  assertEquals(await running.run("l"), CLEAN);
  assertEquals(running.pool.run(poolCallOf(), textOf) instanceof Promise, false);
  assertEquals(running.workers.length, 1);
});

Deno.test("Pool answers clean calls while a runaway of their own cohort spins, though it has one instance and one thread", async () => {
  await using running = await Running.start(await told(), 1, 100, RESERVE);
  const spinning = running.run("s", 2_000, SPINNING_KIND);
  let ended = false;
  spinning.then(() => ended = true);
  for (let round = 0; round < 20; round++) assertEquals(await running.run(undefined, undefined, SPINNING_KIND), CLEAN);
  assertEquals(ended, false);
  assertEquals(codeOf(await spinning), "GUEST_DEADLINE");
  // Now the cohort is known to be long at times: such calls wait for the thread, but not for as long as it spins.
  assertEquals(await running.run(undefined, undefined, SPINNING_KIND), CLEAN);
  const again = running.run("s", 2_000, SPINNING_KIND);
  ended = false;
  again.then(() => ended = true);
  assertEquals(await running.run(undefined, undefined, SPINNING_KIND), CLEAN);
  assertEquals(ended, false);
  assertEquals(codeOf(await again), "GUEST_DEADLINE");
});

Deno.test("Pool starts no thread beyond its reserve for a single runaway, and more where calls wait", async () => {
  await using running = await Running.start(await told(), 3, 100, RESERVE);
  assertEquals(codeOf(await running.run("s", 100, SPINNING_KIND)), "GUEST_DEADLINE");
  assertEquals(running.moves, [true]);
  for (let round = 0; round < 20; round++) assertEquals(await running.run(), CLEAN);
  await sleep(SETTLE_MS);
  assertEquals(running.workers.length, 1);
  await Promise.all([1, 2, 3].map(() => running.run("s", 1_000, SPINNING_KIND)));
  assertEquals([running.workers.length, running.troubles], [3, []]);
});

Deno.test("Pool.run() makes a call that comes to its turn a little after its deadline, and none that comes much later", async () => {
  await using running = await Running.start(await told(), 1);
  const late = (byMs: number) =>
    outcomeOf(async () => {
      const call = poolCallOf(undefined, { deadline: performance.now() - byMs });
      return await running.pool.run(call, textOf);
    });
  assertEquals([codeOf(await late(4)), codeOf(await late(8))], [codeOf(CLEAN), "POOL_WAIT_TIMEOUT"]);
});

Deno.test("Pool starts no instance on the event loop any more once a start there has taken longer than a call may", async () => {
  // The first instance starts at once; any later one spins, as the clock tells it.
  const spinsFrom = BigInt(Math.ceil(Date.now() + 1_500)) * 1_000_000n;
  const text = CLOCK + guestText("does_as_told") + SPINS_AT_START.replace("FROM", `${spinsFrom}`);
  await using running = await Running.start(await prepare(text, { timeoutMs: 60, startTimeoutMs: 400 }), 2);
  await sleep(Math.max(0, Number(spinsFrom / 1_000_000n) - Date.now() + 20));
  assertEquals(codeOf(await running.run("t")), "GUEST_TRAPPED");
  for (let turns = 0; running.moves.length === 0 && turns < 100; turns++) await sleep(10);
  assertEquals(running.moves, [true]);
  // The other one goes on: no thread gets one to start.
  assertEquals(await running.run(), CLEAN);
  const before = running.troubles.length;
  assertEquals(codeOf(await running.run("t")), "GUEST_TRAPPED");
  // It is tried again in threads, beside which the event loop goes on.
  let turns = 0;
  for (; running.troubles.length < before + 2 && turns < 2_000; turns++) await sleep(5);
  assert(turns > 20 && turns < 2_000, `${turns} turns of the event loop while two starts spin`);
});

Deno.test("Pool replaces a thread that died while it was idle before any call finds it", async () => {
  await using running = await Running.start(await told(), 1, 100, RESERVE);
  assertEquals(codeOf(await running.run("s", 30, SPINNING_KIND)), "GUEST_DEADLINE");
  assertEquals(await running.run(undefined, undefined, SPINNING_KIND), CLEAN);
  running.workers[0]!.dispatchEvent(new ErrorEvent("error", { message: "out of luck" }));
  assertEquals(await running.run(undefined, undefined, SPINNING_KIND), CLEAN);
  assertEquals(running.workers.length, 2);
  assertEquals(running.troubles, []);
});

Deno.test("Pool takes a thread's death in a call for a long call: the module is slow from then on", async () => {
  await using running = await Running.start(await told(), 1, 100, RESERVE);
  const dying = running.run("s", 2_000, SPINNING_KIND);
  await sleep(100);
  assertEquals(running.moves, []);
  running.workers[0]!.dispatchEvent(new ErrorEvent("error", { message: "out of luck" }));
  assertEquals(codeOf(await dying), "GUEST_THREAD_DIED");
  assertEquals(running.moves, [true]);
  // In the thread that has come in its place.
  assertEquals(await running.run(undefined, undefined, SPINNING_KIND), CLEAN);
});

Deno.test("Pool.close() starts no instance that nothing could end any more", async () => {
  const running = await Running.start(await told(), 1);
  assertEquals(codeOf(await running.run("t")), "GUEST_TRAPPED");
  // The renewal is under way.
  await running[Symbol.asyncDispose]();
  assertEquals(running.troubles, []);
});

Deno.test("Pool.run() makes no call after close(), waiting ones included: nothing could end it any more", async () => {
  const running = await Running.start(await told(), 1);
  assertEquals(codeOf(await running.run("t")), "GUEST_TRAPPED");
  const waiting = running.run("s");
  running.pool.close();
  const outcomes = [await running.run("s"), await waiting];
  assertEquals(outcomes.map(codeOf), ["POOL_CLOSED", "POOL_CLOSED"]);
  await running[Symbol.asyncDispose]();
});

for (const { rate, leashMs } of [{ rate: "few", leashMs: 40 }, { rate: "many", leashMs: 10 }]) {
  Deno.test(`Pool has a call hold up ${rate} events for ${leashMs} ms at most, however few of them are its own`, async () => {
    await using running = await Running.start(await told(), 1, 100, RESERVE);
    const time = performance.now();
    const events = rate === "few" ? 1 : 1_000;
    for (const at of [time - 200, time - 100]) eventRate.count(at, events);
    running.pool.run(poolCallOf(), textOf, time);
    assertEquals(running.lastDeadline, Math.ceil((time + leashMs) * 8) | 0);
  });
}

for (const { rate, wakes } of [{ rate: "few", wakes: false }, { rate: "many", wakes: true }]) {
  Deno.test(`Pool has a call among ${rate} ${wakes ? "wake" : "leave"} a watchdog that looks after its leash and before its deadline`, async () => {
    await using running = await Running.start(await told({ timeoutMs: 40 }), 1, 100, RESERVE);
    const time = performance.now();
    const events = rate === "few" ? 1 : 1_000;
    for (const at of [time - 200, time - 100]) eventRate.count(at, events);
    assertEquals(running.wakesWatchdog(time, 25), wakes);
  });
}
