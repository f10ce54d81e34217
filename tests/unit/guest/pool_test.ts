import { assert, assertEquals } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import type { GuestCall, GuestModule, ModuleLimits } from "../../../src/guest/mod.ts";
import { Pool, type PoolCall } from "../../../src/pool/mod.ts";
import { callOf, guestText, LIMITS, type Outcome, outcomeOf, prepare, textOf, useProgramsThreads } from "./guests.ts";

const CLEAN: Outcome = { value: '{"decision":"allow","tags":["clean"]}' };
/** A slot whose call overran is kept back for threads to start, at most this long and some more. */
const SETTLE_MS = 400;

/** A pool, and all threads that it starts. */
class Running implements AsyncDisposable {
  readonly pool: Pool;
  readonly workers: Worker[];
  readonly troubles: unknown[];
  readonly moves: boolean[];
  readonly #Worker: typeof Worker;

  private constructor(pool: Pool, parts: Pick<Running, "workers" | "troubles" | "moves">, original: typeof Worker) {
    this.pool = pool;
    this.workers = parts.workers;
    this.troubles = parts.troubles;
    this.moves = parts.moves;
    this.#Worker = original;
  }

  static async start(module: GuestModule, size: number, queueSize = 100): Promise<Running> {
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
    const pool = await Pool.create(module, {
      size,
      queueSize,
      output: () => {},
      onTrouble: (error) => parts.troubles.push(error),
      onMove: (toThreads) => parts.moves.push(toThreads),
    });
    return new Running(pool, parts, original);
  }

  async run(told?: string, timeoutMs = LIMITS.timeoutMs): Promise<Outcome> {
    const call = poolCallOf(told, { deadline: performance.now() + timeoutMs });
    return await outcomeOf(() => this.pool.run(call, textOf));
  }

  /** Sends the module to threads, and waits until every slot has one. */
  async moveToThreads(size: number): Promise<void> {
    assertEquals(codeOf(await this.run("s", 30)), "GUEST_DEADLINE");
    assertEquals(this.moves, [true]);
    for (let turns = 0; this.workers.length < size && turns < 500; turns++) await sleep(10);
    await sleep(SETTLE_MS);
    // A call each that lasts: they run at once, and so each in its own.
    await Promise.all(Array.from({ length: size }, () => this.run("l")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pool.close();
    globalThis.Worker = this.#Worker;
    // For the pauses that were under way.
    await sleep(SETTLE_MS);
  }
}

/** A call of a kind of its own for each thing it can be told. */
const poolCallOf = (told?: string, options: Partial<GuestCall> = {}): PoolCall => ({
  ...callOf(told, options),
  kind: told?.charCodeAt(0) ?? 0,
});
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
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
  const order: number[] = [];
  await Promise.all(Array.from({ length: 20 }, async (_, index) => {
    assertEquals(await running.run(index === 0 ? "l" : undefined), CLEAN);
    order.push(index);
  }));
  assertEquals(order, Array.from({ length: 20 }, (_, index) => index));
});

Deno.test("Pool.run() refuses beyond its queue, and those past their deadline, without touching a guest", async () => {
  await using running = await Running.start(await told(), 1, 2);
  await running.moveToThreads(1);
  const outcomes = await Promise.all([running.run("l"), running.run(), running.run(undefined, 0), running.run()]);
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
  const spinning = [running.run("s", 500), running.run("s", 500), running.run("s", 500)];
  await sleep(50);
  for (let round = 0; round < 10; round++) assertEquals(running.pool.run(poolCallOf(), textOf), CLEAN.value);
  assertEquals((await Promise.all(spinning)).map(codeOf).slice(0, 2), ["GUEST_DEADLINE", "GUEST_DEADLINE"]);
});

Deno.test("Pool replaces an instance on the event loop while the others are in threads", async () => {
  await using running = await Running.start(await told(), 1);
  await running.moveToThreads(1);
  // Kinds apart by what is told: this one proves short.
  const short: PoolCall = { ...poolCallOf(), kind: 1 };
  for (let round = 0; round < 50; round++) assertEquals(await running.pool.run(short, textOf), CLEAN.value);
  const trapped = await outcomeOf(() => running.pool.run({ ...poolCallOf("t"), kind: 1 }, textOf));
  assertEquals(codeOf(trapped), "GUEST_TRAPPED");
  assertEquals(await running.pool.run({ ...short, deadline: performance.now() + 4_000 }, textOf), CLEAN.value);
  assertEquals(running.troubles, []);
});

Deno.test("Pool keeps a module in threads whose instances start slower than a call may take", async () => {
  const start = `(func (export "_initialize") (local $left i32) (local.set $left (i32.const 300000000))
    (loop $again (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))`;
  await using running = await Running.start(await prepare(guestText("does_as_told") + start, { timeoutMs: 20 }), 1);
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
  const limits = { maxMemoryMiB: 32 };
  await using running = await Running.start(await prepare(guestText("misbehaves_as_told"), limits), 1);
  assertEquals(codeOf(await running.run("s12345678", 30)), "GUEST_DEADLINE");
  for (let turns = 0; running.workers.length < 1 && turns < 500; turns++) await sleep(10);
  await sleep(SETTLE_MS);
  // Each grows to the cap: three dropped ones hold more than a thread may.
  for (let round = 0; round < 9; round++) {
    assertEquals(await running.run("g12345678"), { value: '{"decision":"allow","tags":["12345678"]}' });
  }
  assert(running.workers.length >= 3, `${running.workers.length} threads`);
  assertEquals(running.troubles, []);
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
