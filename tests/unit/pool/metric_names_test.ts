import { assertEquals } from "@std/assert";
import { MAX_METRICS } from "../../../src/guest/mod.ts";
import { MetricNames } from "../../../src/pool/metric_names.ts";
import { recordingObserver } from "../ops/recording_observer.ts";

const measures = (...names: readonly string[]) => ({
  added: names.map((name) => [name, 1] as const),
  uncounted: [],
});

Deno.test("MetricNames.take() tells what each call has added", () => {
  const { observer, told } = recordingObserver();
  const metrics = new MetricNames("m.wasm", observer);
  metrics.take(measures("a", "b"));
  metrics.take(measures("a"));
  assertEquals(told, ["a", "b", "a"].map((name) => ["measured", { module: "m.wasm", name, value: 1 }]));
});

Deno.test("MetricNames.take() knows so many counters of all instances, and tells once of one too many", () => {
  const { observer, told } = recordingObserver();
  const metrics = new MetricNames("m.wasm", observer);
  const names = Array.from({ length: MAX_METRICS + 2 }, (_, index) => `m${index}`);
  for (const name of names) metrics.take(measures(name));
  metrics.take(measures("late", "m0"));
  const added = told.filter(([member]) => member === "measured").length;
  assertEquals(added, MAX_METRICS + 1);
  assertEquals(told.filter(([member]) => member === "uncounted"), [
    ["uncounted", { module: "m.wasm", name: `m${MAX_METRICS}`, why: "too many" }],
  ]);
});

Deno.test("MetricNames.take() tells each reason not to count once", () => {
  const { observer, told } = recordingObserver();
  const metrics = new MetricNames("m.wasm", observer);
  for (const name of ["-", "+"]) metrics.take({ added: [], uncounted: [["name", name], ["value", "v"]] });
  assertEquals(told.map(([member, value]) => [member, value]), [
    ["uncounted", { module: "m.wasm", name: "-", why: "name" }],
    ["uncounted", { module: "m.wasm", name: "v", why: "value" }],
  ]);
});
