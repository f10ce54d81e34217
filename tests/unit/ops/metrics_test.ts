import { assert, assertEquals, assertThrows } from "@std/assert";
import { GuestError, PoolError, ProtocolError } from "../../../src/errors.ts";
import { exposition } from "../../../src/ops/exposition.ts";
import { addUp, type Figure, totalOf } from "../../../src/ops/figures.ts";
import { BOUNDS_MS, Histogram, quantileMs } from "../../../src/ops/histogram.ts";
import { METRICS } from "../../../src/ops/metric_table.ts";
import { Metrics } from "../../../src/ops/metrics.ts";
import { tee } from "../../../src/ops/mod.ts";
import { ALLOW, type Decision } from "../../../src/protocol/mod.ts";
import { outcome } from "./admin/views.ts";
import { EVENTS } from "../agent/policies.ts";
import { parseExposition } from "./exposition_parser.ts";
import { recordingObserver } from "./recording_observer.ts";

const BLOCK: Decision = { ...ALLOW, verdict: { kind: "block", status: 403 } };

/** Figures as `name{values} value`, but for those of connections and bytes, which are always there. */
function inShort(figures: Iterable<Figure>): readonly string[] {
  return [...figures].filter(({ metric }) => !/_(frames|bytes)_total$|_connections$/.test(metric))
    .map(({ metric, labels, value }) => `${metric.replace("sentinel_wasm_", "")}{${labels.join()}} ${value}`);
}

Deno.test("Metrics counts decisions by module, phase, decision and protocol", () => {
  const metrics = new Metrics();
  metrics.answered("a.wasm", EVENTS.request_headers, ALLOW, "v1");
  metrics.answered("a.wasm", EVENTS.request_headers, ALLOW, "v1");
  metrics.answered("a.wasm", EVENTS.request_headers, BLOCK, "v2");
  metrics.answered("b.wasm", EVENTS.response_headers, ALLOW, "v2");
  assertEquals(inShort(metrics.figures()), [
    "requests_total{a.wasm,request_headers,allow,v1} 2",
    "requests_total{a.wasm,request_headers,block,v2} 1",
    "requests_total{b.wasm,response_headers,allow,v2} 1",
  ]);
});

Deno.test("Metrics has a place of its own for each phase, decision and protocol", () => {
  const metrics = new Metrics();
  const verdicts: readonly Decision["verdict"][] = [
    { kind: "allow" },
    { kind: "block", status: 403 },
    { kind: "redirect", status: 302, url: "/" },
    { kind: "challenge", type: "x", params: {} },
  ];
  const expected = Object.values(EVENTS).flatMap((event) =>
    verdicts.flatMap((verdict) =>
      (["v1", "v2"] as const).map((protocol) => {
        metrics.decided({ ...event, kind: event.kind } as typeof event, { ...ALLOW, verdict }, 1, protocol);
        return `replies_total{${event.kind},${verdict.kind},${protocol}} 1`;
      })
    )
  );
  const told = inShort(metrics.figures()).filter((line) => line.startsWith("replies_total"));
  assertEquals(told.toSorted(), expected.toSorted());
});

Deno.test("Metrics counts errors by code, and what was cancelled apart from them", () => {
  const metrics = new Metrics();
  const failed = (error: unknown) =>
    metrics.failed({ correlationId: "id", phase: "request_headers", module: "m", error });
  failed(new GuestError("GUEST_TRAPPED", "Cannot x"));
  failed(new GuestError("GUEST_TRAPPED", "Cannot x"));
  failed(new PoolError("POOL_WAIT_ABORTED", "Cannot x"));
  failed(new TypeError("a fault"));
  metrics.connectionClosed(new ProtocolError("PEER_STALLED", "Cannot x"));
  assertEquals(inShort(metrics.figures()), [
    "errors_total{m,GUEST_TRAPPED} 2",
    "errors_total{m,UNEXPECTED} 1",
    "cancelled_total{m} 1",
    "connections_closed_total{PEER_STALLED} 1",
  ]);
});

Deno.test("Metrics tells instances that served their share from those that an error ended", () => {
  const metrics = new Metrics();
  metrics.made("m", "event_loop");
  for (const why of ["calls", "memory", "GUEST_DEADLINE"] as const) metrics.ended("m", why);
  assertEquals(inShort(metrics.figures()), [
    "instances_made_total{m,event_loop} 1",
    "instances_recycled_total{m,calls} 1",
    "instances_recycled_total{m,memory} 1",
    "instances_killed_total{m,GUEST_DEADLINE} 1",
  ]);
});

Deno.test("Metrics counts connections that come, not those that go", () => {
  const metrics = new Metrics();
  for (const open of [1, 2, 1, 2, 1]) metrics.connections(open);
  const figures = [...metrics.figures()];
  assertEquals(totalOf(figures, "sentinel_wasm_connections_total"), 3);
  assertEquals(totalOf(figures, "sentinel_wasm_connections"), 1);
});

Deno.test("Metrics adds up what a module counts itself", () => {
  const metrics = new Metrics();
  metrics.measured({ module: "m", name: "seen", value: 2.5 });
  metrics.measured({ module: "m", name: "seen", value: 1 });
  assertEquals(inShort(metrics.figures()), ["module_metric_total{m,seen} 3.5"]);
});

Deno.test("Metrics counts reloads, and tells of the last", () => {
  const metrics = new Metrics();
  metrics.reloaded(outcome());
  metrics.reloaded({ ...outcome("no such file"), at: 2_500 });
  assertEquals(inShort(metrics.figures()), [
    "reloads_total{admin,reloaded} 1",
    "reloads_total{admin,refused} 1",
    "last_reload_successful{} 0",
    "last_reload_timestamp_seconds{} 2.5",
  ]);
});

Deno.test("Metrics does not grow with names from outside: what is too many is counted as other", () => {
  const metrics = new Metrics();
  for (let index = 0; index < 5_000; index++) {
    metrics.answered(`m${index}`, EVENTS.request_headers, ALLOW, "v1");
    metrics.measured({ module: `m${index}`, name: "x", value: 1 });
  }
  const figures = [...metrics.figures()];
  assertEquals(totalOf(figures, "sentinel_wasm_requests_total"), 5_000);
  assertEquals(totalOf(figures, "sentinel_wasm_module_metric_total"), 5_000);
  assertEquals(figures.filter(({ metric }) => metric === "sentinel_wasm_requests_total").length, 65);
  assertEquals(figures.filter(({ metric }) => metric === "sentinel_wasm_module_metric_total").length, 1_001);
});

Deno.test("Histogram has buckets from 10 us to 1 s, and counts a value at a bound below it", () => {
  assertEquals([BOUNDS_MS[0], BOUNDS_MS.at(-1), BOUNDS_MS.length], [0.01, 1_000, 16]);
  const histogram = new Histogram();
  for (const bound of BOUNDS_MS) histogram.observe(bound);
  histogram.observe(1_000.001);
  assertEquals(histogram.counts, BOUNDS_MS.map(() => 1).concat(1));
});

Deno.test.each([
  { name: "nothing", values: [], share: 0.5, at: undefined },
  { name: "the middle of the first bucket", values: [0.001, 0.002], share: 0.5, at: 0.005 },
  { name: "the middle of a later bucket", values: [3, 3], share: 0.5, at: 3.75 },
  { name: "the bucket that the share falls into", values: [0.001, 0.001, 0.001, 700], share: 0.99, at: 980 },
  { name: "the last bound for what is beyond it", values: [5_000], share: 0.5, at: 1_000 },
])("quantileMs() is $name", ({ values, share, at }) => {
  const histogram = new Histogram();
  for (const value of values) histogram.observe(value);
  const found = quantileMs(histogram.counts, share);
  assertEquals(found === undefined ? undefined : Number(found.toPrecision(6)), at);
});

Deno.test("addUp() adds figures with the same labels, and the buckets of histograms", () => {
  const one: Figure = { metric: "sentinel_wasm_call_duration_seconds", labels: ["m"], value: 1, counts: [1, 0, 2] };
  const other: Figure = { metric: "sentinel_wasm_errors_total", labels: ["m", "GUEST_TRAPPED"], value: 2 };
  const sums = addUp([one, other, one, { ...other, labels: ["n", "GUEST_TRAPPED"] }, other]);
  assertEquals(sums.map(({ labels, value }) => [labels[0], value]), [["m", 2], ["m", 4], ["n", 2]]);
  assertEquals(sums[0]?.counts?.slice(0, 4), [2, 0, 4, 0]);
});

Deno.test("exposition() is text that a strict reader takes, whatever modules are called", () => {
  const metrics = new Metrics();
  const name = 'a"b\\c\nd.wasm';
  metrics.answered(name, EVENTS.request_headers, BLOCK, "v2");
  for (const ms of [0.004, 0.02, 3, 2_000]) metrics.called(name, 0, ms);
  metrics.received(100, 3);
  const families = parseExposition(exposition([...metrics.figures()]));
  assertEquals(families.get("sentinel_wasm_requests_total"), {
    type: "counter",
    help: METRICS.sentinel_wasm_requests_total.help,
    samples: [{
      name: "sentinel_wasm_requests_total",
      labels: { module: name, phase: "request_headers", decision: "block", protocol: "v2" },
      value: 1,
    }],
  });
  const calls = families.get("sentinel_wasm_call_duration_seconds")?.samples ?? [];
  const at = (le: string) => calls.find(({ labels }) => labels.le === le)?.value;
  assertEquals([at("0.000001"), at("0.00001"), at("0.000025"), at("0.005"), at("1"), at("+Inf")], [
    undefined,
    1,
    2,
    3,
    3,
    4,
  ]);
  assertEquals(calls.find(({ name }) => name.endsWith("_sum"))?.value, 2.003024);
});

Deno.test("parseExposition() refuses what is not as it must be", () => {
  const head = "# HELP a_total b\n# TYPE a_total counter\n";
  assertEquals(parseExposition(`${head}a_total 1\n`).size, 1);
  for (
    const bad of [
      "a_total 1\n",
      head,
      `${head}a_total 1`,
      `${head}a_total x\n`,
      `${head}a_total -1\n`,
      `${head}a_total 1\na_total 2\n`,
      `${head}b_total 1\n`,
      `${head}a_total{x="1",x="2"} 1\n`,
      `${head}a_total{x="\\y"} 1\n`,
      `${head}a_total 1\n${head}a_total{x="1"} 1\n`,
      '# HELP h b\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    ]
  ) assertThrows(() => parseExposition(bad), Error);
});

Deno.test("METRICS are named as Prometheus wants it: counters end in _total, units are base units", () => {
  for (const [name, { type, help, labels }] of Object.entries(METRICS)) {
    assertEquals(name.endsWith("_total"), type === "counter", name);
    assert(!/_(ms|kb|mib|percent)(_|$)/.test(name), name);
    assert(/^[A-Z1].*\.$/.test(help), help);
    assert(!labels.some((label: string) => label === "le" || label === "quantile"), name);
  }
});

Deno.test("Metrics looks at nothing that costs a look at each event's head", () => {
  const { observer } = recordingObserver();
  const looked = tee([new Metrics()]);
  assertEquals(looked.arrived, undefined);
  assert(observer.arrived !== undefined);
});
