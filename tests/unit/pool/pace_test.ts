import { assertEquals } from "@std/assert";
import { Pace, SHORT_MS } from "../../../src/pool/pace.ts";

/** Calls, one right after the other: how many, how long each, and the time between two. */
interface Series {
  readonly calls: number;
  readonly durationMs: number;
  readonly everyMs?: number;
}

function observe(pace: Pace, series: readonly Series[], from = 0): number {
  let now = from;
  for (const { calls, durationMs, everyMs } of series) {
    for (let call = 0; call < calls; call++) {
      now += everyMs ?? durationMs;
      pace.observe(durationMs, now);
    }
  }
  return now;
}

const ROWS: readonly { readonly name: string; readonly series: readonly Series[]; readonly slow: boolean }[] = [
  { name: "no call at all", series: [], slow: false },
  { name: "any number of calls at the limit", series: [{ calls: 10_000, durationMs: SHORT_MS }], slow: false },
  { name: "one call of 2 ms", series: [{ calls: 1, durationMs: 2 }], slow: false },
  { name: "one call of 10 ms", series: [{ calls: 1, durationMs: 10 }], slow: false },
  { name: "one call of 11 ms", series: [{ calls: 1, durationMs: 11 }], slow: true },
  { name: "one call of 20 ms", series: [{ calls: 1, durationMs: 20 }], slow: true },
  { name: "four calls of 4 ms", series: [{ calls: 4, durationMs: 4 }], slow: true },
  { name: "two calls of 4 ms", series: [{ calls: 2, durationMs: 4 }], slow: false },
  { name: "a call of 2 ms each second", series: [{ calls: 1000, durationMs: 2, everyMs: 1000 }], slow: false },
  { name: "a call of 6 ms each second", series: [{ calls: 100, durationMs: 6, everyMs: 1000 }], slow: false },
  { name: "a call of 9 ms twice a second", series: [{ calls: 10, durationMs: 9, everyMs: 500 }], slow: true },
  {
    name: "long calls with many short ones between",
    series: [{ calls: 1, durationMs: 8 }, { calls: 100, durationMs: 0.01 }, { calls: 1, durationMs: 8 }],
    slow: true,
  },
];

for (const { name, series, slow } of ROWS) {
  Deno.test(`Pace.slow is ${slow} after ${name}`, () => {
    const pace = new Pace();
    observe(pace, series);
    assertEquals(pace.slow, slow);
  });
}

const CALM: readonly { readonly name: string; readonly series: readonly Series[]; readonly slow: boolean }[] = [
  {
    name: "500 short calls within the first 5 s",
    series: [{ calls: 500, durationMs: 0.1, everyMs: 1 }],
    slow: true,
  },
  { name: "499 short calls in more than 5 s", series: [{ calls: 499, durationMs: 0.1, everyMs: 20 }], slow: true },
  { name: "500 short calls in more than 5 s", series: [{ calls: 500, durationMs: 0.1, everyMs: 20 }], slow: false },
  {
    name: "a long call between the short ones",
    series: [
      { calls: 499, durationMs: 0.1, everyMs: 20 },
      { calls: 1, durationMs: 20 },
      { calls: 499, durationMs: 0.1, everyMs: 20 },
    ],
    slow: true,
  },
];

for (const { name, series, slow } of CALM) {
  Deno.test(`Pace.slow of a slow module is ${slow} after ${name}`, () => {
    const pace = new Pace();
    const now = observe(pace, [{ calls: 1, durationMs: 20 }]);
    assertEquals(pace.slow, true);
    observe(pace, series, now);
    assertEquals(pace.slow, slow);
  });
}

Deno.test("Pace.slow comes back at the first long call after a calm time, not at one of 2 ms", () => {
  const pace = new Pace();
  const calm = observe(pace, [{ calls: 1, durationMs: 20 }, { calls: 500, durationMs: 0.1, everyMs: 20 }]);
  assertEquals(pace.slow, false);
  const now = observe(pace, [{ calls: 1, durationMs: 2 }], calm);
  assertEquals(pace.slow, false);
  observe(pace, [{ calls: 1, durationMs: 20 }], now);
  assertEquals(pace.slow, true);
});
