import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { OPTIONS } from "../../src/cli/options.ts";
import { configuredBy } from "../../tools/start_plan.ts";
import { AgentProcess, EXAMPLE_MODULE, ROOT, runAgent, TempDir } from "./agent_process.ts";
import { V2Client } from "./wire.ts";

interface BadUsage {
  readonly name: string;
  readonly options: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Parts of the one line. */
  readonly says: readonly string[];
}

const MODULE = ["--module", "policy.wasm"];

const BAD_USAGES: readonly BadUsage[] = [
  { name: "no module", options: [], says: ["--module", "WASM_MODULE"] },
  { name: "an empty module", options: ["--module="], says: ['"--module"', "value"] },
  { name: "an unknown option", options: [...MODULE, "--bogus"], says: ['"--bogus"'] },
  { name: "a typing error", options: ["--modul", "x"], says: ['"--modul"', 'did you mean "--module"'] },
  { name: "an unknown short option", options: [...MODULE, "-x"], says: ['"-x"'] },
  { name: "a word too many", options: [...MODULE, "extra"], says: ['"extra"'] },
  { name: "a word after --", options: [...MODULE, "--", "extra"], says: ['"extra"'] },
  { name: "an option twice", options: [...MODULE, ...MODULE], says: ['"--module"', "2 times"] },
  { name: "a size of 0", options: [...MODULE, "--pool-size", "0"], says: ['"--pool-size"', "1 to 64", '"0"'] },
  { name: "a size of 65", options: [...MODULE, "--pool-size=65"], says: ['"--pool-size"', "1 to 64", '"65"'] },
  { name: "a size in words", options: [...MODULE, "--pool-size", "four"], says: ['"--pool-size"', '"four"'] },
  { name: "a fraction", options: [...MODULE, "--timeout-ms", "1.5"], says: ['"--timeout-ms"', '"1.5"'] },
  { name: "a number below 0", options: [...MODULE, "--timeout-ms=-1"], says: ['"--timeout-ms"', '"-1"'] },
  { name: "a missing number", options: [...MODULE, "--timeout-ms"], says: ['"--timeout-ms"', "value"] },
  { name: "a mode that is none", options: [...MODULE, "--socket-mode", "rw"], says: ['"--socket-mode"', '"rw"'] },
  { name: "a mode above 0777", options: [...MODULE, "--socket-mode", "1777"], says: ['"--socket-mode"', '"1777"'] },
  { name: "an unknown format", options: [...MODULE, "--log-format", "xml"], says: ["auto, text, json", '"xml"'] },
  { name: "maybe", options: [...MODULE, "--fail-open=maybe"], says: ['"--fail-open"', '"maybe"'] },
  { name: "a long socket path", options: [...MODULE, "--socket", `/tmp/${"a".repeat(120)}`], says: ["107", "125"] },
  { name: "maybe in a variable", options: MODULE, env: { FAIL_OPEN: "maybe" }, says: ['"FAIL_OPEN"', '"maybe"'] },
  { name: "0 in a variable", options: MODULE, env: { WASM_POOL_SIZE: "0" }, says: ['"WASM_POOL_SIZE"', '"0"'] },
  { name: "an option of serving to try", options: ["try", "--verbose"], says: ['"--verbose"'] },
];

Deno.test.each(BAD_USAGES)(
  "agent exits with 2 after one line and a hint on $name",
  async ({ options, env, says }) => {
    using dir = new TempDir();
    const { code, stdout, stderr } = await runAgent({ socket: dir.at("a.sock"), bare: true, options, env });
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertMatch(stderr, /^sentinel-wasm-agent: Cannot [^\n]+\nTry (try )?--help\n$/);
    for (const part of says) assertStringIncludes(stderr, part);
    assertEquals([...Deno.readDirSync(dir.path)], []);
  },
);

Deno.test.each<{
  readonly name: string;
  readonly options: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly code: number;
  readonly error: string;
}>([
  { name: "a typing error", options: ["--modul", "x", "--log-format", "json"], code: 2, error: "USAGE_UNKNOWN_OPTION" },
  { name: "a missing module", options: ["--log-format=json", "--module=gone"], code: 1, error: "MODULE_UNREADABLE" },
  { name: "no option", options: [], env: { LOG_FORMAT: "json" }, code: 2, error: "USAGE_MISSING_OPTION" },
])("agent tells of $name in JSON where JSON is asked for", async ({ options, env, code: expected, error }) => {
  using dir = new TempDir();
  const { code, stdout, stderr } = await runAgent({ socket: dir.at("a.sock"), bare: true, options, env });
  assertEquals({ code, stdout, lines: stderr.trim().split("\n").length }, { code: expected, stdout: "", lines: 1 });
  const line = JSON.parse(stderr);
  assertEquals(Object.keys(line), ["@timestamp", "level", "message", "logger", "code"]);
  assertEquals([line.level, line.code, line.logger], ["ERROR", error, "sentinel-wasm-agent"]);
  assertMatch(line.message, /^Cannot /);
});

Deno.test.each([{ word: "--help" }, { word: "-h" }])(
  "agent prints every option on $word and exits with 0",
  async ({ word }) => {
    using dir = new TempDir();
    const { code, stdout, stderr } = await runAgent({ socket: dir.at("a.sock"), bare: true, options: [word] });
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    for (const [name, { env }] of Object.entries(OPTIONS)) {
      assertStringIncludes(stdout, `--${name}`);
      assertStringIncludes(stdout, `[${env}]`);
    }
  },
);

Deno.test("agent prints its version on --version and exits with 0", async () => {
  using dir = new TempDir();
  const outcome = await runAgent({ socket: dir.at("a.sock"), bare: true, options: ["--version"] });
  assertEquals(outcome, { code: 0, stdout: `sentinel-wasm-agent ${config.version}\n`, stderr: "" });
});

Deno.test("agent takes every option from its environment variable", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  const env = {
    AGENT_SOCKET: socket,
    AGENT_SOCKET_MODE: "0640",
    WASM_MODULE: "examples/c/policy.wasm",
    WASM_MODULE_CONFIG: '{"a":1}',
    WASM_POOL_SIZE: "2",
    AGENT_LANES: "2",
    WASM_VERBOSE: "yes",
    FAIL_OPEN: "1",
    LOG_FORMAT: "json",
    WASM_TIMEOUT_MS: "900",
    WASM_START_TIMEOUT_MS: "9000",
    WASM_MAX_MEMORY: "16",
    WASM_MAX_TABLE_ENTRIES: "1000",
    WASM_MAX_REQUESTS_PER_INSTANCE: "5",
    WASM_RESERVE_THREADS: "0",
    WASM_QUEUE_SIZE: "17",
    WASM_ALLOW_GC: "true",
    AGENT_ADMIN: "off",
    AGENT_ADMIN_ALLOW_REMOTE: "no",
    AGENT_READY_MAX_ERRORS: "7",
    WASM_WATCH: "no",
    AGENT_CONFIG: dir.write("agent.toml", "timeout-ms = 700\npool-size = 9\n"),
    AGENT_LOCK_IN: "yes",
    AGENT_RECORD: dir.at("events.jsonl"),
    AGENT_RECORD_MAX_MB: "3",
    AGENT_RECORD_REDACT: "x-session",
    AGENT_TAKE_OVER: "no",
    AGENT_READY_FD: "0",
  };
  assertEquals(Object.keys(env).sort(), Object.values(OPTIONS).map((option) => option.env).sort());
  const configured = await configuredBy([], (name) => Reflect.get(env, name));
  await using agent = await AgentProcess.start({ socket, module: env.WASM_MODULE, bare: true, env, configured });
  const { level, module, lanes, pool_size, fail_mode, timeout_ms, max_memory_mib, queue_size } = await agent.waitForLog(
    "serving",
  );
  assertEquals(
    { level, module, lanes, pool_size, fail_mode, timeout_ms, max_memory_mib, queue_size },
    {
      level: "INFO",
      module: env.WASM_MODULE,
      lanes: 2,
      pool_size: 2,
      fail_mode: "open",
      timeout_ms: 900,
      max_memory_mib: 16,
      queue_size: 17,
    },
  );
  assertEquals(((Deno.lstatSync(socket).mode ?? 0) & 0o777).toString(8), "640");
  using client = await V2Client.connect(socket);
  await client.request({ uri: "/" });
  await agent.waitForLog("decided");
});

Deno.test("agent prefers a flag to its environment variable", async () => {
  using dir = new TempDir();
  const env = { WASM_POOL_SIZE: "0", WASM_TIMEOUT_MS: "900", FAIL_OPEN: "true", AGENT_SOCKET: dir.at("other.sock") };
  const options = ["--pool-size", "3", "--timeout-ms=800", "--fail-open=false"];
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options, env });
  const { pool_size, timeout_ms, fail_mode, socket } = await agent.waitForLog("serving");
  assertEquals(
    { pool_size, timeout_ms, fail_mode, socket },
    { pool_size: 3, timeout_ms: 800, fail_mode: "closed", socket: agent.socket },
  );
});

Deno.test("try shows what a running agent decides, and exits with 1 where none runs", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  const options = ["try", "--socket", socket];
  const alone = await runAgent({ socket, bare: true, options });
  assertEquals({ code: alone.code, stdout: alone.stdout }, { code: 1, stdout: "" });
  assertMatch(alone.stderr, /^sentinel-wasm-agent: Cannot try agent as one must answer on [^\n]+\n$/);
  await using agent = await AgentProcess.start({ socket, module: EXAMPLE_MODULE, options: ["--timeout-ms", "4000"] });
  const { code, stdout, stderr } = await runAgent({ socket, bare: true, options });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const rows = stdout.trimEnd().split("\n").map((row) => row.split(/ {2,}/));
  assertEquals(rows[0], ["request", "decision", "tags", "time"]);
  assertEquals(rows.slice(1).map((row) => `${row[1]} ${row[2]}`), [
    "allow inspected",
    "allow inspected",
    "block 403 sql-injection",
    "block 403 xss",
    "block 403 path-traversal",
    "block 403 scanner",
    "block 401 unauthenticated",
    "allow inspected, admin",
  ]);
  assert(agent.log.every((line) => line.level === "INFO"));
});

Deno.test.each([
  { name: "help on a full disk", words: "--help > /dev/full", code: 1 },
  { name: "bad usage where nobody can be told", words: "--bogus 2> /dev/full", code: 2 },
  { name: "help for a closed output", words: "--help >&-", code: 0 },
  { name: "help for a reader that leaves", words: "--help | true", code: 0 },
])("agent does not fall over $name", async ({ words, code }) => {
  const { code: ended, stderr } = await new Deno.Command("sh", {
    args: ["-c", `"$0" run --no-prompt --allow-read=. main.ts ${words}`, Deno.execPath()],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr);
  assertEquals(ended, code, text);
  assertMatch(text, /^(sentinel-wasm-agent: Cannot [^\n]+\n)?$/);
});

for (
  const { name, variable } of [{ name: "a path", variable: "AGENT_SOCKET" }, { name: "a word", variable: "FAIL_OPEN" }]
) {
  Deno.test(`agent exits with 2 where ${name} in its environment is not UTF-8`, async () => {
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: [
        "-c",
        `${variable}=$(printf '\\377') "$0" run --no-prompt --allow-read --allow-env main.ts --module x.wasm`,
        Deno.execPath(),
      ],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    assertEquals({ code, stdout: decoder.decode(stdout) }, { code: 2, stdout: "" });
    assertEquals(
      decoder.decode(stderr),
      `sentinel-wasm-agent: Cannot read "${variable}" as it must be UTF-8: received other bytes\nTry --help\n`,
    );
  });
}
