import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { test } from "../../../../src/cli/commands/test.ts";
import { TEST_OPTIONS } from "../../../../src/cli/rows/test.ts";
import { parseUsage } from "../../../../src/cli/parse.ts";
import { ConfigError, ModuleError } from "../../../../src/errors.ts";
import { TempDir } from "../../../e2e/agent_process.ts";
import { buildGuest } from "../../../guests/build.ts";
import { useProgramsThreads } from "../../guest/guests.ts";
import { captured } from "../captured.ts";

useProgramsThreads();

const MODULE = new URL("../../../../examples/c/policy.wasm", import.meta.url).pathname;

/** Runs `test` with a file of cases. */
async function run(
  cases: string,
  { module = MODULE, words = [], name = "cases.yaml" }: {
    readonly module?: string;
    readonly words?: readonly string[];
    readonly name?: string;
  } = {},
) {
  using dir = new TempDir();
  const file = dir.write(name, cases);
  // A deadline that a busy machine keeps.
  const usage = parseUsage(
    [
      module,
      file,
      "--timeout-ms",
      "20000",
      ...words.map((word) => word.replace("DIR", dir.path)),
    ],
    () => undefined,
    TEST_OPTIONS,
  );
  assert(usage.kind === "run");
  const { result: code, lines } = await captured(() => test(usage.options));
  const text = lines.join("\n").replaceAll(`${dir.path}/`, "");
  const junit = words.some((word) => word.startsWith("--junit")) ? Deno.readTextFileSync(dir.at("report.xml")) : "";
  return { code, text, cases: Deno.readTextFileSync(file), junit };
}

const BROWSER = "{ headers: { user-agent: Firefox } }";

Deno.test("test ends with 0 if all cases hold", async () => {
  const cases =
    `cases:\n  - name: a browser goes on\n    request: ${BROWSER}\n    expect: { decision: allow, tags: null }\n`;
  const { code, text } = await run(cases);
  assertEquals([code, text], [0, "1 passed, 0 failed\n\npassed   a browser goes on"]);
});

const WRONG = `cases:
  - name: a browser goes on
    request: ${BROWSER}
    expect: { decision: block, status: 403 }
  - name: no bots
    request: { headers: { user-agent: gptbot } }
    expect: { decision: block, rule_ids: [other] } # why
`;

Deno.test("test ends with 1 if a case does not hold, and says what was expected and what came", async () => {
  const { code, text } = await run(WRONG);
  assertEquals(code, 1);
  assertEquals(
    text,
    `0 passed, 2 failed

failed   a browser goes on
  cases.yaml:2
  decision
    expected  "block"
    received  "allow"
  status
    expected  403
    received  none
failed   no bots
  cases.yaml:5
  rule_ids
    expected  ["other"]
    received  ["gptbot"]`,
  );
});

Deno.test("test --junit writes the same for CI systems", async () => {
  const { code, junit } = await run(WRONG, { words: ["--junit", "DIR/report.xml"] });
  assertEquals(code, 1);
  assertStringIncludes(junit, '<testsuite name="cases.yaml" tests="2" failures="2"');
  assertStringIncludes(
    junit,
    '<failure message="rule_ids: expected [&quot;other&quot;], received [&quot;gptbot&quot;]"',
  );
});

Deno.test("test --update writes what came, ends with 0, and says so", async () => {
  const { code, text, cases } = await run(WRONG, { words: ["--update"] });
  assertEquals(code, 0);
  assertStringIncludes(text, "0 passed, 0 failed, 2 updated");
  assertEquals(
    cases,
    WRONG.replace("{ decision: block, status: 403 }", "{ decision: allow, status: null }").replace(
      "[other]",
      "[gptbot]",
    ),
  );
  assertEquals((await run(cases)).code, 0);
});

Deno.test("test --update writes all of the answer for a case that expects nothing yet", async () => {
  const { cases } = await run("cases:\n  - name: a\n    request: {}\n", { words: ["-u"] });
  assertEquals(
    cases,
    'cases:\n  - name: a\n    request: {}\n    expect: { decision: block, status: 400, body: "A user-agent is required\\n", tags: [no-agent] }\n',
  );
});

Deno.test("test counts a module's failure as one, whatever the fail mode answers, and updates nothing for it", async () => {
  using dir = new TempDir();
  const module = dir.write("traps.wasm", await buildGuest("traps"));
  const cases =
    "cases:\n  - name: a\n    request: { uri: /! }\n    expect: { decision: block, status: 500, tags: [wasm-error] }\n";
  const { code, text, cases: kept } = await run(cases, { module, words: ["--update"] });
  assertEquals([code, kept], [1, cases]);
  assertStringIncludes(text, '  failure\n    expected  none\n    received  "GUEST_TRAPPED"\n  printed\n    error: ');
  assertEquals((await run(cases.replace("decision:", "failure: GUEST_TRAPPED, decision:"), { module })).code, 0);
});

Deno.test("test gives the module the configuration of the file, or that of the command line", async () => {
  const module = new URL("../../../../examples/c-wasi/policy.wasm", import.meta.url).pathname;
  const cases = (config: string) =>
    `${config}cases:\n  - name: a\n    request: { server_name: b.c }\n    expect: { tags: [tenant-b] }\n`;
  assertEquals((await run(cases("config: { tenants: [b] }\n"), { module })).code, 0);
  assertEquals(
    (await run(cases("config: { tenants: [x] }\n"), { module, words: ['--config={"tenants":["b"]}'] })).code,
    0,
  );
  assertEquals((await run(cases(""), { module })).code, 1);
});

Deno.test("test refuses a file that is none of cases, and a module that does not start", async () => {
  await assertRejects(() => run("cases: 1"), ConfigError, "cases.yaml, line 1");
  const cases = "cases: [{ name: a, request: {}, expect: { decision: allow } }]";
  await assertRejects(() => run(cases, { module: "/dev/null" }), ModuleError, "/dev/null");
  await assertRejects(() => run(cases, { words: ["--junit", "DIR/none/report.xml"] }), ConfigError, "none/report.xml");
});

const BOT = { decision: "block", status: 403, body: "No bots\n", tags: ["bot"], rule_ids: ["gptbot"] };

/** A line of a recording. */
function recorded(agent: string, others: object): string {
  return JSON.stringify({ request: { headers: { "user-agent": agent } }, ...others }) + "\n";
}

Deno.test("test holds a module to all that was decided when it was recorded", async () => {
  const lines = [
    recorded("gptbot", { expect: BOT, recorded: { took_ms: 1 } }),
    recorded("Firefox", { expect: { decision: "allow" }, recorded: {} }),
    // Where nobody has recorded it, only what stands there counts.
    recorded("gptbot", { expect: { decision: "block" } }),
    // The module had failed.
    recorded("gptbot", { recorded: { failed: "GUEST_TRAPPED" } }),
  ];
  for (const name of ["r.jsonl", "r.jsonl.1"]) {
    const { code, text } = await run(lines.join(""), { name });
    assertEquals([code, text.split("\n")[0]], [0, "4 passed, 0 failed"], text);
  }
  const { tags: _, ...untagged } = BOT;
  const { code, text } = await run(recorded("gptbot", { expect: untagged, recorded: {} }), { name: "r.jsonl" });
  assertEquals(code, 1);
  assertStringIncludes(text, "tags");
});

Deno.test("test does not take what only a recording has from a file of another kind", async () => {
  const cases = `cases: [{ name: a, request: {}, expect: { decision: allow }, recorded: {} }]`;
  await assertRejects(() => run(cases), ConfigError, 'received "recorded"');
});
