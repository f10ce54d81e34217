import { assertEquals } from "@std/assert";
import { junitXml } from "../../../../src/cli/cases/junit.ts";

Deno.test("junitXml() tells of each case, with names and texts that no document breaks on", () => {
  const xml = junitXml({
    cases: "cases.yaml",
    module: "policy.wasm",
    startedAt: new Date(0),
    outcomes: [
      { name: "holds", line: 2, tookMs: 1.5, answer: {}, differences: [], printed: [] },
      {
        name: 'a < b & "c"\n\u0001\ud800',
        line: 5,
        tookMs: 0.5,
        answer: {},
        differences: [
          { key: "status", expected: 403, received: undefined },
          { key: "body", expected: undefined, received: "]]>" },
        ],
        printed: ["log: <b>"],
      },
    ],
  });
  assertEquals(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="sentinel-wasm-agent" tests="2" failures="1" errors="0" skipped="0" time="0.002000">
  <testsuite name="cases.yaml" tests="2" failures="1" errors="0" skipped="0" time="0.002000" timestamp="1970-01-01T00:00:00">
    <testcase name="holds" classname="policy.wasm" file="cases.yaml" line="2" time="0.001500"/>
    <testcase name="a &lt; b &amp; &quot;c&quot;&#10;\ufffd\ufffd" classname="policy.wasm" file="cases.yaml" line="5" time="0.000500">
      <failure message="status: expected 403, received none" type="difference">status: expected 403, received none&#10;body: expected none, received &quot;]]&gt;&quot;</failure>
      <system-out>log: &lt;b&gt;</system-out>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});
