import { assertEquals } from "@std/assert";
import { History, KEPT_SECONDS, type Second } from "../../../../src/ops/admin/history.ts";
import { reasonsAgainst } from "../../../../src/ops/admin/readiness.ts";
import { counted, pool, slot } from "./views.ts";

/** Seconds of this many events and errors each. */
function seconds(...each: readonly (readonly [events: number, errors: number])[]): readonly Second[] {
  return each.map(([events, errors]) => ({ tookMs: 1_000, decisions: { allow: events - 1, block: 1 }, errors }));
}

const RENEWING = slot({ state: "renewing" });

Deno.test.each([
  { name: "nothing", reasons: [] },
  { name: "a start", stage: "starting" as const, reasons: ["starting: no connections are taken yet"] },
  { name: "a drain", stage: "draining" as const, reasons: ["draining: no new connections are taken"] },
  { name: "one instance that is replaced", slots: [RENEWING, slot()], reasons: [] },
  { name: "no instance", slots: [RENEWING, RENEWING], reasons: ['module "m.wasm" has no instance'] },
  { name: "no slot", slots: [], reasons: ['module "m.wasm" has no instance'] },
  { name: "as many errors as may be", seconds: seconds([20, 10]), reasons: [] },
  {
    name: "one error more",
    seconds: seconds([20, 11]),
    reasons: ["errors: 55 % of 20 events in 10 s, more than 50 % (--ready-max-errors)"],
  },
  { name: "many errors of few events", seconds: seconds([19, 19]), reasons: [] },
  { name: "errors that are more than 10 s ago", seconds: seconds([99, 99], ...Array(10).fill([2, 0])), reasons: [] },
  {
    name: "errors that are 10 s ago",
    seconds: seconds([99, 99], ...Array(9).fill([2, 0])),
    reasons: ["errors: 85 % of 117 events in 10 s, more than 50 % (--ready-max-errors)"],
  },
])(
  "reasonsAgainst() are as they must be with $name",
  ({ stage = "serving" as const, slots, seconds = [], reasons }) => {
    const reports = [{ figures: [], pools: [pool()] }, { figures: [], pools: [pool(slots && { slots })] }];
    assertEquals<unknown>(reasonsAgainst({ stage }, reports, seconds, 50), reasons);
  },
);

Deno.test("reasonsAgainst() has nothing against errors where 100 % are allowed, and against any where none are", () => {
  const all = seconds([50, 60]), few = seconds([50, 1]);
  assertEquals(reasonsAgainst({ stage: "serving" }, [], all, 100), []);
  assertEquals(reasonsAgainst({ stage: "serving" }, [], few, 0).length, 1);
});

Deno.test("History tells what came between two looks, and nothing of what was before the first", () => {
  const history = new History();
  const durations = (...counts: readonly number[]) => ({
    metric: "sentinel_wasm_event_duration_seconds" as const,
    labels: ["request_headers", "v1"],
    value: 1,
    counts,
  });
  history.take(1_000, [...counted(100, 5), durations(100)]);
  assertEquals(history.seconds, []);
  history.take(2_100, [...counted(110, 7), durations(100, 0, 10)]);
  history.take(3_000, [...counted(110, 7), durations(100, 0, 10)]);
  assertEquals(history.seconds.map(({ tookMs, decisions, errors }) => [tookMs, decisions, errors]), [
    [1_100, { block: 10 }, 2],
    [900, {}, 0],
  ]);
  const [first, second] = history.seconds;
  assertEquals([Number(first?.p50Ms?.toFixed(5)), Number(first?.p99Ms?.toFixed(5))], [0.0375, 0.04975]);
  assertEquals([second?.p50Ms, second?.p99Ms], [undefined, undefined]);
});

Deno.test("History keeps so many seconds and no more", () => {
  const history = new History();
  for (let at = 0; at <= KEPT_SECONDS + 10; at++) history.take(at, counted(at, 0));
  assertEquals(history.seconds.length, KEPT_SECONDS);
});
