import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { AgentClient } from "../../src/cli/client.ts";
import { sleep } from "../../src/sleep.ts";
import { Lines, ROOT, startEnv, TempDir } from "../e2e/agent_process.ts";

/** Runs `deno task` in a folder that is not the project's. */
function task(
  words: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--config", `${ROOT}deno.json`, ...words],
    cwd,
    // A task that runs within another, as the tests do, would otherwise take the outer one's folder for the caller's.
    env: { NO_COLOR: "1", LOG_FORMAT: "json", WASM_TIMEOUT_MS: "4000", INIT_CWD: cwd, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function outcome(child: Deno.ChildProcess) {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** The process that `deno task` has started: what is granted stands on its command line. */
function agentOf(pid: number): { readonly pid: number; readonly words: readonly string[] } {
  const child = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  assertMatch(child, /^[0-9]+$/, "deno task has one child: the launcher has become the agent");
  return { pid: Number(child), words: Deno.readTextFileSync(`/proc/${child}/cmdline`).split("\0") };
}

interface Start {
  readonly name: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly module: string;
  readonly liftoffOnly?: boolean;
}

const STARTS: readonly Start[] = [
  { name: "the module named behind it", words: ["policy.wasm", "--socket", "a.sock"], module: "policy.wasm" },
  { name: "a module through a link", words: ["link.wasm", "--socket=a.sock"], module: "link.wasm" },
  {
    name: "what the environment names",
    words: [],
    env: { WASM_MODULE: "policy.wasm", AGENT_SOCKET: "a.sock" },
    module: "policy.wasm",
  },
  {
    name: "a module nobody vouches for",
    words: ["--no-optimiser", "policy.wasm", "--socket", "a.sock"],
    module: "policy.wasm",
    liftoffOnly: true,
  },
  {
    name: "the example where nothing is named",
    words: ["--socket", "a.sock"],
    module: `${ROOT}examples/rust-security/rust_security.wasm`,
  },
];

Deno.test.each(STARTS)(
  "deno task start serves $name, from any folder, and ends as it is told",
  async ({ words, env, module, liftoffOnly = false }) => {
    using dir = new TempDir();
    Deno.copyFileSync(`${ROOT}examples/assemblyscript/policy.wasm`, dir.at("policy.wasm"));
    Deno.symlinkSync("policy.wasm", dir.at("link.wasm"));
    const child = task(["start", ...words], { cwd: dir.path, env });
    const log = new Lines(child.stderr);
    const output = new Lines(child.stdout);
    try {
      const line = await log.find((line) => line.includes('"message":"serving"'), "start of service");
      const { socket, module: served } = JSON.parse(line);
      assertEquals({ socket, served }, { socket: `${Deno.realPathSync(dir.path)}/a.sock`, served: module });
      const agent = agentOf(child.pid);
      assertEquals(agent.words.some((word) => word.includes("--liftoff-only")), liftoffOnly);
      assert(agent.words.some((word) => word.startsWith("--v8-flags=--no-wasm-lazy-compilation")));
      const client = await AgentClient.connect(socket);
      assertEquals((await client.requestHeaders({ method: "GET", uri: "/", headers: {} })).verdict.kind, "allow");
      // Deno would open its inspector, and say so.
      Deno.kill(agent.pid, "SIGUSR1");
      await sleep(500);
      assertEquals((await client.requestHeaders({ method: "GET", uri: "/", headers: {} })).verdict.kind, "allow");
      client.close();
    } finally {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await Promise.all([log.ended(), output.ended()]);
      assertEquals(code, 0, log.text);
    }
    assertEquals([...Deno.readDirSync(dir.path)].map(({ name }) => name).sort(), ["link.wasm", "policy.wasm"]);
    assertEquals(log.all.filter((line) => !line.includes('"level":"INFO"')), []);
  },
);

Deno.test.each([
  { name: "bad usage", words: ["start", "--pool-size", "0"], code: 2, says: '"--pool-size"' },
  { name: "two modules", words: ["start", "a.wasm", "b.wasm"], code: 2, says: "MODULE" },
  {
    name: "a module that is not there",
    words: ["start", "none.wasm", "--socket", "a.sock"],
    code: 1,
    says: "none.wasm",
  },
  { name: "nobody to try", words: ["try", "--socket", "a.sock"], code: 1, says: "a.sock" },
  { name: "a command with bad usage", words: ["agent", "invoke"], code: 2, says: "MODULE" },
])("deno task passes the exit code on for $name", async ({ words, code, says }) => {
  using dir = new TempDir();
  const ended = await outcome(task(words, { cwd: dir.path, env: { LOG_FORMAT: "text" } }));
  assertEquals([ended.code, ended.stdout], [code, ""]);
  assertMatch(ended.stderr, /^sentinel-wasm-agent: Cannot [^\n]+\n(Try (invoke )?--help\n)?$/);
  assertStringIncludes(ended.stderr, says);
});

/** What the agent itself is made of. */
const PACKAGES = [
  "@bjorn3/browser_wasi_shim",
  "@logtape/logtape",
  "@opentelemetry/api",
  "ajv",
  "argparse",
  "deno-std",
  "eslint-visitor-keys",
  "fast-deep-equal",
  "fast-uri",
  "js-yaml",
  "json-schema-traverse",
  "jsonc-parser",
  "require-from-string",
  "toml-eslint-parser",
];

Deno.test("a first start needs no package that only tests need", async () => {
  using dir = new TempDir();
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"], cwd: ROOT }).output();
  const { npmCache }: { readonly npmCache: string } = JSON.parse(new TextDecoder().decode(stdout));
  for (const name of PACKAGES) {
    copyFolder(`${npmCache}/registry.npmjs.org/${name}`, dir.at(`npm/registry.npmjs.org/${name}`));
  }
  // Whatever is not there cannot be fetched.
  const env = { DENO_DIR: dir.path, HTTPS_PROXY: "http://127.0.0.1:1" };
  const ended = await outcome(task(["start", "--version"], { cwd: dir.path, env }));
  assertEquals([ended.code, ended.stdout], [0, `sentinel-wasm-agent ${config.version}\n`], ended.stderr);
});

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(`${from}/${name}`, `${to}/${name}`);
    else Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

Deno.test("the lock file of a start has what a start needs, as the one of all has it", () => {
  const read = (path: string): { readonly npm: Readonly<Record<string, unknown>> } =>
    JSON.parse(Deno.readTextFileSync(`${ROOT}${path}`));
  const start = read("src/deno.lock");
  const all = read("deno.lock");
  assertEquals(Object.keys(start.npm).map((name) => name.replace(/@[^@]*$/, "")).sort(), PACKAGES);
  for (const [name, entry] of Object.entries(start.npm)) assertEquals(entry, all.npm[name]);
});

Deno.test("what the start task sets is named where memory is explained", () => {
  const page = Deno.readTextFileSync(`${ROOT}docs/running.md`);
  const set = Object.entries(startEnv()).map(([name, value]) => `${name}=${value}`);
  assertEquals(set, ["MALLOC_ARENA_MAX=2", "MALLOC_MMAP_THRESHOLD_=32768"]);
  for (const assignment of set) assertStringIncludes(page, `\`${assignment}\``);
});

Deno.test("every task that runs code keeps to a lock file, and those of the agent to its own", () => {
  const own = ["start", "try", "agent", "compile", "bundle", "sbom", "release:check"];
  for (const [name, { command }] of Object.entries(config.tasks)) {
    for (const part of command.split("&&").filter((part) => /deno (run|test|check|bundle) /.test(part))) {
      assertStringIncludes(part, ` --frozen --lock=${own.includes(name) ? "src/" : ""}deno.lock `, name);
    }
  }
});
