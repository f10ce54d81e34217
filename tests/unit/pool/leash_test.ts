import { assertEquals } from "@std/assert";
import { Leash } from "../../../src/pool/leash.ts";

Deno.test.each([
  { timeoutMs: 4_000, firstMs: 10 },
  { timeoutMs: 40, firstMs: 10 },
  { timeoutMs: 39, firstMs: 9.75 },
  { timeoutMs: 8, firstMs: 2 },
  { timeoutMs: 1, firstMs: 2 },
])("Leash is $firstMs ms at first for a deadline of $timeoutMs ms", ({ timeoutMs, firstMs }) => {
  const leash = new Leash(timeoutMs);
  assertEquals([leash.firstMs, leash.at(0), leash.at(1_000)], [firstMs, firstMs, firstMs]);
});

Deno.test("Leash.spend() leaves next to nothing for those that follow, and it comes back with time", () => {
  const leash = new Leash(40);
  leash.spend(10, 100);
  assertEquals([100, 108, 112, 136, 140, 1_000].map((now) => leash.at(now)), [2, 2, 3, 9, 10, 10]);
});

Deno.test("Leash.spend() has calls that follow each other hold up the event loop for a quarter of its time at most", () => {
  const leash = new Leash(40);
  let now = 0;
  let heldUpMs = 0;
  while (now < 10_000) {
    const ms = leash.at(now);
    // As if each waited for more than the least.
    if (ms > 2) {
      now += ms;
      heldUpMs += ms;
      leash.spend(ms, now);
    } else now++;
  }
  assertEquals(heldUpMs > 1_000 && heldUpMs < 2_510, true, `${heldUpMs} ms`);
});

Deno.test.each([
  { timeoutMs: 50, lengths: [20, 25, 25] },
  { timeoutMs: 4_000, lengths: [20, 40, 40] },
])("Leash.lengthen() doubles it up to half of $timeoutMs ms or 40 ms, and reset() undoes that", (row) => {
  const leash = new Leash(row.timeoutMs);
  const seen = row.lengths.map(() => {
    leash.lengthen(leash.at(0));
    return leash.at(1_000);
  });
  assertEquals<readonly number[]>(seen, row.lengths);
  leash.reset();
  assertEquals(leash.at(2_000), 10);
});

Deno.test("Leash.lengthen() takes no notice of a call that had less than a whole leash", () => {
  const leash = new Leash(40);
  leash.lengthen(9.9);
  assertEquals(leash.at(1_000), 10);
});

Deno.test.each([
  { timeoutMs: 4_000, latestMs: 40 },
  { timeoutMs: 40, latestMs: 30 },
  { timeoutMs: 8, latestMs: 6 },
  { timeoutMs: 1, latestMs: 2 },
])(
  "Leash.latestMs leaves a quarter of $timeoutMs ms to those who wait, and is 40 ms at most",
  ({ timeoutMs, latestMs }) => {
    assertEquals(new Leash(timeoutMs).latestMs, latestMs);
  },
);
