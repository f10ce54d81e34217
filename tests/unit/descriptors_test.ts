import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { PoolError } from "../../src/errors.ts";
import { Descriptors, openRegular } from "../../src/descriptors.ts";
import { StillClock } from "./server/still_clock.ts";

/** What a thread takes while it starts, and what may be taken before the next look: with one event loop. */
const THREAD = 16, LEFT = THREAD + 8, BEYOND = 64;

/** Descriptors of a system that has so many. */
class System {
  used = 0;
  most = 0;
  opened = 0;
  reason = "EMFILE";
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  readonly open = () => {
    if (this.used >= this.limit) throw Object.assign(new Error("no"), { code: this.reason });
    this.most = Math.max(this.most, ++this.used);
    this.opened++;
    let open = true;
    return {
      close: () => {
        assert(open, "closed twice");
        open = false;
        this.used--;
      },
    };
  };
}

function counting(system: System): Descriptors {
  const descriptors = new Descriptors();
  descriptors.count(system.open);
  assertEquals(system.used, 0);
  return descriptors;
}

Deno.test("Descriptors.taken() is true as long as enough are left, false for one less, and opens no file each time", () => {
  const system = new System(1000);
  const descriptors = counting(system);
  assertEquals(descriptors.left, LEFT);
  const { opened } = system;
  do {
    assert(++system.used < system.limit, "never");
  } while (descriptors.taken());
  assertEquals(system.limit - system.used, LEFT - 1);
  // Each look opens a few more than are to be left, and is due when as many have gone.
  assert(system.opened - opened < 2.5 * system.limit, `${system.opened - opened} files`);
});

Deno.test("Descriptors.taken() is true while a thread starts, however many have started and ended before", async () => {
  const descriptors = counting(new System(1000));
  for (let thread = 0; thread < 50; thread++) {
    const taken = await descriptors.startThread(() => Promise.resolve(descriptors.taken()));
    descriptors.given();
    assertEquals(taken, true, `thread ${thread}`);
  }
});

Deno.test("Descriptors.taken() is true again once enough are free, though not at once", async () => {
  await using clock = new StillClock();
  const system = new System(1000);
  const descriptors = counting(system);
  system.used = system.limit - LEFT + 1;
  while (descriptors.taken());
  system.used = 0;
  assert(!descriptors.taken());
  clock.pass(100);
  assert(descriptors.taken());
});

Deno.test("Descriptors.given() puts the next look off", () => {
  const system = new System(1000);
  const descriptors = counting(system);
  const { opened } = system;
  for (let round = 0; round < 10 * BEYOND; round++) {
    assert(descriptors.taken());
    descriptors.given();
  }
  assertEquals(system.opened, opened);
});

Deno.test("Descriptors leave half of few", () => {
  const descriptors = counting(new System(20));
  assertEquals(descriptors.left, 10);
  assert(descriptors.taken());
});

Deno.test("Descriptors.none tells that next to none are left for each of several event loops", async () => {
  await using clock = new StillClock();
  const system = new System(1000);
  const descriptors = counting(system);
  descriptors.shareAmong(2);
  for (const [free, none] of [[8, false], [7, true]] as const) {
    system.used = system.limit - free;
    clock.pass(1000);
    while (descriptors.taken());
    assertEquals(descriptors.none, none, `${free} left`);
  }
});

Deno.test("Descriptors.startThread() has nobody look while a thread starts, in other event loops either", async () => {
  const system = new System(1000);
  const [first, second] = [counting(system), new Descriptors()];
  second.count(system.open, first.shared);
  const started = Promise.withResolvers<string>();
  const both = [first.startThread(() => started.promise), first.startThread(() => started.promise)];
  const { opened } = system;
  system.used = system.limit - THREAD;
  for (let round = 0; round < 2 * BEYOND; round++) {
    first.taken();
    second.taken();
  }
  assertEquals(system.opened, opened);
  started.resolve("there");
  assertEquals(await Promise.all(both), ["there", "there"]);
  assert(!second.taken());
  assert(system.opened > opened);
});

Deno.test("Descriptors.startThread() passes on what goes wrong, and looks are made again", async () => {
  const system = new System(1000);
  const descriptors = counting(system);
  const { opened } = system;
  await assertRejects(() => descriptors.startThread(() => Promise.reject(new Error("thread"))), Error, "thread");
  for (let round = 0; round < 2 * BEYOND; round++) assert(descriptors.taken());
  assert(system.opened > opened);
});

Deno.test("Descriptors.startThread() starts none where too few are free for one, which would end the process, and does so later", async () => {
  const system = new System(1000);
  const descriptors = counting(system);
  // Taken by what nobody counts.
  system.used = system.limit - THREAD + 1;
  const start = () => descriptors.startThread(() => Promise.resolve("up"));
  assertEquals((await assertRejects(start, PoolError, `received ${THREAD - 1}`)).code, "POOL_THREAD_FAILED");
  system.used--;
  assertEquals(await start(), "up");
});

Deno.test("Descriptors take all for well where the file cannot be opened any more, or nothing is counted", () => {
  const system = new System(LEFT + BEYOND);
  const descriptors = counting(system);
  system.reason = "ENOENT";
  for (let round = 0; round < 1000; round++) assert(descriptors.taken());
  assert(new Descriptors().taken());
});

Deno.test("openRegular() opens a file, and does not wait at a pipe that has taken its name", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agent-" });
  try {
    const path = `${folder}/policy.wasm`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    assertThrows(() => openRegular(path), Deno.errors.NotSupported);
    await Deno.remove(path);
    await Deno.writeTextFile(path, "");
    openRegular(path).close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
