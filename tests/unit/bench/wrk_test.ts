import { assertEquals, assertThrows } from "@std/assert";
import { parseReport } from "../../bench/proxy/wrk.ts";

const REPORT = {
  requests: 30_000,
  durationUs: 3_000_000,
  p50: 1400,
  p90: 2100,
  p99: 3900,
  p999: 8000,
  max: 12_000,
  status: 0,
  connect: 0,
  read: 0,
  write: 0,
  timeout: 0,
};

Deno.test("parseReport() has requests a second, latencies in microseconds, and all that went wrong", () => {
  assertEquals(parseReport(JSON.stringify({ ...REPORT, status: 3, timeout: 1 })), {
    finished: 30_000,
    rps: 10_000,
    fast: { count: 30_000, p50: 1400, p90: 2100, p99: 3900, p999: 8000, max: 12_000 },
    trouble: { status: 3, connect: 0, read: 0, write: 0, timeout: 1 },
  });
});

Deno.test.each([
  { name: "words before it", text: `unable to ${JSON.stringify(REPORT)}` },
  { name: "no object", text: "null" },
  { name: "a figure that is missing", text: JSON.stringify({ ...REPORT, p99: undefined }) },
  { name: "a figure that is text", text: JSON.stringify({ ...REPORT, p99: "3900" }) },
  { name: "a figure below 0", text: JSON.stringify({ ...REPORT, read: -1 }) },
  { name: "a figure nobody knows", text: JSON.stringify({ ...REPORT, p75: 1500 }) },
  { name: "no answer at all", text: JSON.stringify({ ...REPORT, requests: 0 }) },
])("parseReport() refuses $name", ({ text }) => {
  assertThrows(() => parseReport(text), Error);
});
