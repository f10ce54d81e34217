import { assert, assertLessOrEqual } from "@std/assert";
import { clockOrigin, commonClock } from "../../../src/pool/clock.ts";

/** Runs `read` between two looks at this thread's clock, which is the common one here. */
function assertBetween(read: () => number, offset: number): void {
  const before = performance.now() + offset;
  const time = read();
  const after = performance.now() + offset;
  assertLessOrEqual(before - 1e-6, time);
  assertLessOrEqual(time, after + 1e-6);
}

Deno.test("commonClock() tells this thread's own time for an origin of this thread", () => {
  assertBetween(commonClock(clockOrigin()), 0);
});

Deno.test("commonClock() tells the time of a thread that began earlier", () => {
  const lead = 5_000;
  const origin = { timeOrigin: performance.timeOrigin - lead, sentAt: performance.now() + lead };
  assertBetween(commonClock(origin), lead);
});

const JUMPS = [
  { name: "an hour forward", jumpMs: 3_600_000 },
  { name: "an hour back", jumpMs: -3_600_000 },
];

for (const { name, jumpMs } of JUMPS) {
  Deno.test(`commonClock() goes by the message's arrival where the wall clock was set ${name}`, () => {
    const sentAt = performance.now();
    const clock = commonClock({ timeOrigin: performance.timeOrigin + jumpMs, sentAt });
    const time = clock();
    // Never ahead of the common clock by more than the message's way, never behind it: here the way took no time.
    assert(time >= sentAt && time <= performance.now(), `${time} from ${sentAt}`);
  });
}
