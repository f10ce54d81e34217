import { assert, assertEquals } from "@std/assert";
import { Pace, SHORT_MS } from "../../../src/pool/pace.ts";

/** Calls, one right after the other: how many, how long each, and the time between the ends of two. */
interface Series {
  readonly calls: number;
  readonly durationMs: number;
  readonly everyMs?: number;
}

const SHORT = 0.01;
const FIRST_STAY_MS = 5_000;
const SERIES_CALLS = 500;

/** A pace and its clock. */
class Watch {
  readonly #pace = new Pace();
  now = 0;

  observe(...series: readonly Series[]): this {
    for (const { calls, durationMs, everyMs } of series) {
      for (let call = 0; call < calls; call++) {
        this.now += everyMs ?? durationMs;
        this.#observe(durationMs);
      }
    }
    return this;
  }

  get slow(): boolean {
    return this.#pace.slow;
  }

  /** Sends the module to threads. */
  overrun(): this {
    this.#observe(Infinity);
    return this;
  }

  /** Of one cohort that is never proven to be short: where the module is. */
  #observe(durationMs: number): void {
    if (this.#pace.slow) this.#pace.observeInThread(0, durationMs, this.now);
    else this.#pace.observeOnEventLoop(0, durationMs, this.now);
  }
}

function repeat(times: number, ...series: readonly Series[]): Series[] {
  return Array.from({ length: times }, () => series).flat();
}

const ROWS: readonly { readonly name: string; readonly series: readonly Series[]; readonly slow: boolean }[] = [
  { name: "no call at all", series: [], slow: false },
  { name: "any number of calls at the limit", series: [{ calls: 10_000, durationMs: SHORT_MS }], slow: false },
  { name: "one call of 2 ms", series: [{ calls: 1, durationMs: 2 }], slow: false },
  { name: "one call of 20 ms", series: [{ calls: 1, durationMs: 20 }], slow: false },
  { name: "one call of a second", series: [{ calls: 1, durationMs: 1_000 }], slow: false },
  {
    name: "one call that ran into its deadline",
    series: [{ calls: 1, durationMs: Infinity, everyMs: 40 }],
    slow: true,
  },
  { name: "two calls of 20 ms in a row", series: [{ calls: 2, durationMs: 20 }], slow: true },
  {
    name: "two calls of 20 ms among a hundred short ones",
    series: repeat(2, { calls: 50, durationMs: SHORT }, { calls: 1, durationMs: 20 }),
    slow: true,
  },
  { name: "a series of 3 ms calls", series: [{ calls: 20, durationMs: 3 }], slow: true },
  {
    name: "one call of 20 ms in five hundred, again and again",
    series: repeat(100, { calls: 499, durationMs: SHORT }, { calls: 1, durationMs: 20 }),
    slow: false,
  },
  { name: "a call of 2 ms each second", series: [{ calls: 1_000, durationMs: 2, everyMs: 1_000 }], slow: false },
  { name: "a call of 20 ms each second", series: [{ calls: 100, durationMs: 20, everyMs: 1_000 }], slow: false },
  { name: "a call of 20 ms twice a second", series: [{ calls: 10, durationMs: 20, everyMs: 500 }], slow: true },
];

for (const { name, series, slow } of ROWS) {
  Deno.test(`Pace.slow is ${slow} after ${name}`, () => {
    assertEquals(new Watch().observe(...series).slow, slow);
  });
}

const CALM: readonly { readonly name: string; readonly series: readonly Series[]; readonly slow: boolean }[] = [
  {
    name: "a short series before the stay is over",
    series: [{ calls: SERIES_CALLS, durationMs: SHORT, everyMs: 1 }],
    slow: true,
  },
  {
    name: "one call less than a series",
    series: [{ calls: SERIES_CALLS - 1, durationMs: SHORT, everyMs: 20 }],
    slow: true,
  },
  {
    name: "a short series that outlasts the stay",
    series: [{ calls: SERIES_CALLS, durationMs: SHORT, everyMs: 20 }],
    slow: false,
  },
  {
    name: "short series for as long as the stay",
    series: [{ calls: 10 * SERIES_CALLS, durationMs: SHORT, everyMs: 1 }],
    slow: false,
  },
  { name: "a series of 3 ms calls", series: [{ calls: 4 * SERIES_CALLS, durationMs: 3, everyMs: 20 }], slow: true },
  {
    name: "a series with three long calls",
    series: [{ calls: 3, durationMs: 20, everyMs: 20 }, { calls: SERIES_CALLS - 3, durationMs: SHORT, everyMs: 20 }],
    slow: false,
  },
  {
    name: "a series with four long calls",
    series: [{ calls: 4, durationMs: 20, everyMs: 20 }, { calls: SERIES_CALLS - 4, durationMs: SHORT, everyMs: 20 }],
    slow: true,
  },
  {
    name: "a series in which one call ran into its deadline",
    series: [
      { calls: 1, durationMs: Infinity, everyMs: 20 },
      { calls: SERIES_CALLS - 1, durationMs: SHORT, everyMs: 20 },
    ],
    slow: true,
  },
  {
    name: "a short series after one that was not",
    series: [
      { calls: SERIES_CALLS, durationMs: 20, everyMs: 20 },
      { calls: SERIES_CALLS, durationMs: SHORT, everyMs: 20 },
    ],
    slow: false,
  },
];

for (const { name, series, slow } of CALM) {
  Deno.test(`Pace.slow of a slow module is ${slow} after ${name}`, () => {
    const watch = new Watch().overrun();
    assertEquals(watch.slow, true);
    assertEquals(watch.observe(...series).slow, slow);
  });
}

/** How long a module that has just been sent to threads stays there, in whole short series of a second each. */
function stayOf(watch: Watch): number {
  const since = watch.now;
  while (watch.slow) watch.observe({ calls: SERIES_CALLS, durationMs: SHORT, everyMs: 2 });
  return watch.now - since;
}

Deno.test("Pace.slow lasts twice as long for a module that relapses, up to a bound, and not for one that was calm", () => {
  const watch = new Watch();
  const stays = Array.from({ length: 9 }, () => Math.round(stayOf(watch.overrun())));
  assertEquals(stays, [5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1_000));
  watch.now += 60_000;
  assertEquals(Math.round(stayOf(watch.overrun())), FIRST_STAY_MS);
});

const LONG_COHORT = 0, COHORT = 7, OTHER_COHORT = 8;
const PROOF = 16;
const DESERTED_MS = 60_000;

/** A slow module, and what is asked of it one after the other, a millisecond each. */
class SlowModule {
  readonly pace = new Pace();
  now = 0;

  constructor() {
    this.pace.observeOnEventLoop(LONG_COHORT, Infinity, this.now);
    assertEquals(this.pace.slow, true);
  }

  /** One call too many has been long that was believed to be short. */
  doubt(): this {
    this.pace.observeOnEventLoop(LONG_COHORT, Infinity, this.now);
    return this;
  }

  /** Calls of a cohort where they belong; how many of them ran on the event loop. */
  call(cohort: number, calls: number, durationMs = SHORT): number {
    let onEventLoop = 0;
    for (let call = 0; call < calls; call++) {
      this.now++;
      if (this.pace.isLong(cohort)) this.pace.observeInThread(cohort, durationMs, this.now);
      else {
        onEventLoop++;
        this.pace.observeOnEventLoop(cohort, durationMs, this.now);
      }
    }
    return onEventLoop;
  }
}

Deno.test("Pace.isLong() is true only for the cohort of a module's calls that was long, until doubt comes up", () => {
  const module = new SlowModule();
  assertEquals([LONG_COHORT, COHORT, OTHER_COHORT].map((cohort) => module.pace.isLong(cohort)), [true, false, false]);
});

Deno.test("Pace.isLong() is false for a cohort whose calls were short before another's made the module slow", () => {
  const pace = new Pace();
  for (let call = 0; call < 20; call++) pace.observeOnEventLoop(COHORT, SHORT, call);
  pace.observeInThread(LONG_COHORT, Infinity, 20);
  assertEquals([pace.slow, pace.isLong(COHORT), pace.isLong(LONG_COHORT)], [true, false, true]);
});

Deno.test("Pace.isLong() is true for all kinds of a doubted module's calls until they have proven short, each for itself", () => {
  const module = new SlowModule().doubt();
  assertEquals([module.pace.isLong(COHORT), module.pace.isLong(OTHER_COHORT)], [true, true]);
  assertEquals(module.call(COHORT, 100), 100 - PROOF);
  assertEquals([module.pace.isLong(COHORT), module.pace.isLong(OTHER_COHORT)], [false, true]);
});

Deno.test("Pace.isLong() wants twice the proof each time that a module is doubted", () => {
  const module = new SlowModule();
  for (const proof of [PROOF, 2 * PROOF, 4 * PROOF]) {
    module.doubt();
    assertEquals(module.call(COHORT, 200), 200 - proof);
  }
});

Deno.test("Pace.mayBeShort() is false for a cohort from its long call to its next short one", () => {
  const pace = new Pace();
  assertEquals(pace.mayBeShort(COHORT), true);
  pace.observeInThread(COHORT, Infinity, 0);
  assertEquals([pace.mayBeShort(COHORT), pace.mayBeShort(OTHER_COHORT)], [false, true]);
  pace.observeInThread(COHORT, SHORT, 1);
  assertEquals([pace.mayBeShort(COHORT), pace.isLong(COHORT)], [true, true]);
});

Deno.test("Pace.slow is true from a call on that ran into its deadline in a thread", () => {
  const pace = new Pace();
  pace.observeInThread(COHORT, 20, 0);
  assertEquals(pace.slow, false);
  pace.observeInThread(COHORT, Infinity, 20);
  assertEquals(pace.slow, true);
});

Deno.test("Pace.slow is true after two long calls that were cut short on the event loop, however soon", () => {
  const pace = new Pace();
  for (const now of [20, 60]) {
    assertEquals(pace.slow, false);
    pace.observeCut(2, now);
    pace.observeInThread(COHORT, 20, now + 20);
  }
  assertEquals([pace.slow, pace.isLong(COHORT)], [true, true]);
});

Deno.test("Pace.observeCut() leaves a cohort as it is, and makes the module slow where such calls follow each other", () => {
  const pace = new Pace();
  pace.observeCut(10, 10);
  pace.observeCut(10, 20);
  assertEquals(pace.slow, false);
  pace.observeCut(10, 30);
  assertEquals([pace.slow, pace.isLong(COHORT)], [true, false]);
});

Deno.test("Pace.isLong() is false for all kinds of a quick module's calls", () => {
  assertEquals(new Pace().isLong(COHORT), false);
});

Deno.test("Pace.isLong() stays true for a cohort of which one in thirty is long", () => {
  const module = new SlowModule();
  let onEventLoop = 0;
  for (let round = 0; round < 1_000; round++) onEventLoop += module.call(COHORT, 29) + module.call(COHORT, 1, 20);
  // All of the first round: it was believed until its long call.
  assertEquals(onEventLoop, 30);
});

Deno.test("Pace.isLong() is true for a cohort that has proven short, once it runs into its deadline", () => {
  const module = new SlowModule();
  module.call(COHORT, 1_000);
  module.call(COHORT, 1, Infinity);
  assertEquals(module.pace.isLong(COHORT), true);
});

Deno.test("Pace.isLong() stays false for a cohort that has long been short, when it is long once", () => {
  const module = new SlowModule();
  module.call(COHORT, 1_000);
  module.call(COHORT, 1, 20);
  assertEquals(module.pace.isLong(COHORT), false);
  module.call(COHORT, 1, 20);
  assertEquals(module.pace.isLong(COHORT), true);
});

Deno.test("Pace.isLong() comes to be true for good for a module whose calls are long now and then, whatever their cohort", () => {
  const module = new SlowModule();
  let long = 0;
  for (let call = 0; call < 1_000_000; call++) {
    long += module.call(call % 1024, 1, call % 50 === 49 ? 20 : SHORT) && call % 50 === 49 ? 1 : 0;
  }
  // Of 20,000 in all.
  assert(long < 200, `${long} long calls on the event loop`);
});

Deno.test("Pace.slow ends when for a minute no call has gone to a thread", () => {
  const module = new SlowModule();
  module.call(COHORT, DESERTED_MS);
  assertEquals(module.pace.slow, true);
  module.call(COHORT, 1);
  assertEquals(module.pace.slow, false);
});

Deno.test("Pace.slow never ends for a module that must not run on the event loop", () => {
  const pace = new Pace();
  pace.banish(0);
  for (let now = 0; now < 100_000; now += 2) pace.observeInThread(COHORT, SHORT, now);
  assertEquals([pace.slow, pace.isLong(COHORT)], [true, true]);
});
