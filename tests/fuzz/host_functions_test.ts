import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { ABIS, Guest, MAX_LINE_BYTES, MAX_METRICS, type Measures, prepareModule } from "../../src/guest/mod.ts";
import { assembleGuest } from "../guests/build.ts";
import { callOf, LIMITS, type Outcome, outcomeOf, PatientGuard, textOf } from "../unit/guest/guests.ts";
import { RUNS } from "./runs.ts";

/** What the prelude's memory has. */
const MEMORY_BYTES = 131_072;
const CONFIGURATION = '{"k":"é"}';
const CONFIGURATION_BYTES = new TextEncoder().encode(CONFIGURATION).length;

const IMPORTS = `(import "sentinel" "log" (func $log (param i32 i32 i32)))
  (import "sentinel" "now_ms" (func $now_ms (result i64)))
  (import "sentinel" "random" (func $random (param i32 i32)))
  (import "sentinel" "config" (func $config (param i32 i32) (result i32)))
  (import "sentinel" "metric_add" (func $metric_add (param i32 i32 f64)))`;

/** One call of a host function, with values near every edge. */
interface HostCall {
  readonly text: string;
  /** False if it reaches beyond memory, and so must end the guest's call. */
  readonly fits: boolean;
}

const unsigned = (value: number) => value >>> 0;
const reaches = (pointer: number, length: number) => unsigned(pointer) + unsigned(length) <= MEMORY_BYTES;
const edges = [
  0,
  1,
  3,
  256,
  300,
  4096,
  65_536,
  MEMORY_BYTES - 1,
  MEMORY_BYTES,
  MEMORY_BYTES + 1,
  2 ** 31 - 1,
  -(2 ** 31),
  -1,
];
const pointer = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 0, max: MEMORY_BYTES + 100 }), fc.integer());
const length = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 80 }) },
  { weight: 2, arbitrary: fc.constantFrom(...edges) },
  { weight: 1, arbitrary: fc.integer() },
);
const value = fc.constantFrom("0", "-0", "1", "0.5", "-1", "nan", "inf", "-inf", "1e308", "5e-324");

const hostCall: fc.Arbitrary<HostCall> = fc.oneof(
  fc.tuple(fc.oneof(fc.integer({ min: -1, max: 5 }), fc.integer()), pointer, length).map(([level, at, size]) => ({
    text: `(call $log (i32.const ${level}) (i32.const ${at}) (i32.const ${size}))`,
    fits: reaches(at, size),
  })),
  fc.constant({ text: "(drop (call $now_ms))", fits: true }),
  fc.tuple(pointer, length).map(([at, size]) => ({
    text: `(call $random (i32.const ${at}) (i32.const ${size}))`,
    fits: reaches(at, size),
  })),
  fc.tuple(pointer, length).map(([at, capacity]) => {
    const copied = Math.min(unsigned(capacity), CONFIGURATION_BYTES);
    return {
      text: `(drop (call $config (i32.const ${at}) (i32.const ${capacity})))`,
      fits: copied === 0 || reaches(at, copied),
    };
  }),
  fc.tuple(pointer, length, value).map(([at, size, added]) => ({
    text: `(call $metric_add (i32.const ${at}) (i32.const ${size}) (f64.const ${added}))`,
    fits: reaches(at, size),
  })),
);

const bytes = fc.array(
  fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0x61, max: 0x7a }) }, {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 255 }),
  }),
  { maxLength: 200 },
);

interface Seen {
  readonly outcome: Outcome;
  readonly lines: readonly string[];
  readonly measures: readonly Measures[];
}

async function play(calls: readonly HostCall[], memory: readonly number[]): Promise<Seen> {
  const data = memory.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  const body = calls.map(({ text }) => `(try (do ${text}) (catch_all))`).join("\n");
  const text = `${IMPORTS} (data (i32.const 256) "${data}") (func $misbehave (result i64) ${body} (call $clean))`;
  const module = await prepareModule(await assembleGuest("guest", text), "guest.wasm", LIMITS, ABIS, CONFIGURATION);
  const lines: string[] = [];
  const measures: Measures[] = [];
  const guest = new Guest(module, {
    guard: new PatientGuard(),
    output: (_, line) => lines.push(line),
    measured: (counted) => measures.push(counted),
  });
  return { outcome: await outcomeOf(() => guest.call(callOf(""), textOf)), lines, measures };
}

Deno.test("host functions do as they are told within memory, and end the call that reaches beyond it, whatever catches all", async () => {
  const ended = { well: 0, badly: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(hostCall, { maxLength: 8 }), bytes, async (calls, memory) => {
      const { outcome, lines, measures } = await play(calls, memory);
      const fits = calls.every((call) => call.fits);
      if (fits) {
        ended.well++;
        assert("value" in outcome, JSON.stringify(outcome));
      } else {
        ended.badly++;
        assert("code" in outcome);
        assertEquals(outcome.code, "GUEST_BAD_HOST_CALL");
        assertEquals(measures, []);
      }
      for (const line of lines) {
        assert(line.length <= MAX_LINE_BYTES, `${line.length}`);
        // deno-lint-ignore no-control-regex -- none of them may be there
        assert(!/[\u0000-\u001f\u007f-\u009f]/.test(line), line);
      }
      for (const { added, uncounted } of measures) {
        assert(added.length <= MAX_METRICS + 1 && uncounted.length <= 2);
        for (const [name, sum] of added) {
          assertMatch(name, /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/);
          assert(sum >= 0 && Number.isFinite(sum), `${sum}`);
        }
      }
    }),
    { numRuns: RUNS },
  );
  // Neither side may be empty, or nothing is shown.
  assert(ended.well > RUNS / 10 && ended.badly > RUNS / 10, JSON.stringify(ended));
});
