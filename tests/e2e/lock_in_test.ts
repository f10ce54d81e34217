import { assertEquals } from "@std/assert";
import { resolve } from "@std/path";
import { AgentProcess, EXAMPLE_MODULE, PACKED, ROOT, runAgent, TempDir } from "./agent_process.ts";
import { V2Client } from "./wire.ts";

/**
 * Code that runs before the agent, and on SIGUSR2 tries what `attempts` says: a line like the log's has those that were not refused. It is in a file of
 * the test's, because what is given up cannot be asked for from outside.
 */
function probe(attempts: Readonly<Record<string, string>>): string {
  const tries = Object.entries(attempts).map(([name, code]) => `${JSON.stringify(name)}: async () => { ${code} }`);
  return `
    const attempts = {${tries.join(", ")}};
    if (typeof WorkerGlobalScope === "undefined") Deno.addSignalListener("SIGUSR2", async () => {
      const done = [];
      for (const [name, attempt] of Object.entries(attempts)) {
        try {
          await attempt();
          done.push(name);
        } catch (error) {
          if (!(error instanceof Deno.errors.NotCapable || /Requires .* access/.test(error.message))) done.push(name);
        }
      }
      console.error(JSON.stringify({ message: "tried", done }));
    });`;
}

const quoted = JSON.stringify;

/** Grants as wide as they can be in what is given up as a whole, and exact in what is kept in part. */
function widened(flags: readonly string[], preload: string): readonly string[] {
  const wide = ["net", "env", "sys", "run", "ffi", "import"];
  const exact = flags.filter((flag) => !wide.some((name) => flag.startsWith(`--allow-${name}`)));
  return [...exact.slice(0, -1), ...wide.map((name) => `--allow-${name}`), `--preload=${preload}`, ...exact.slice(-1)];
}

const PROGRAM_FILE = `${ROOT}src/program.ts`;

Deno.test.each<{ name: string; options: readonly string[]; record: boolean; kept: readonly string[] }>([
  { name: "its files", options: [], record: false, kept: ["read module", "read socket"] },
  { name: "the socket with --lock-in", options: ["--lock-in"], record: false, kept: ["read socket"] },
  {
    name: "a recording's files with --lock-in and two lanes",
    options: ["--lock-in", "--lanes", "2"],
    record: true,
    kept: ["read socket", "read record", "write record", "read older", "write older"],
  },
])(
  "an agent that serves can use no permission but to read its program and for $name",
  async ({ options, record, kept }) => {
    if (PACKED) return;
    using dir = new TempDir();
    const socket = dir.at("a.sock");
    const files = {
      module: resolve(ROOT, EXAMPLE_MODULE),
      socket,
      record: dir.at("r.jsonl"),
      older: dir.at("r.jsonl.1"),
    };
    const rest = { passwd: "/etc/passwd", lock: `${socket}.lock`, next: `${socket}.next`, folder: dir.path };
    const reads = Object.entries({ ...files, ...rest, program: PROGRAM_FILE }).map(([name, path]) =>
      [`read ${name}`, `Deno.lstatSync(${quoted(path)})`] as const
    );
    const writes = Object.entries({ ...files, ...rest }).map(([name, path]) =>
      // To a folder that is not there, so that the test changes nothing: the grant is looked at first.
      [`write ${name}`, `Deno.utimeSync(${quoted(path)}, 1, 1)`] as const
    );
    const probed = dir.write(
      "probe.ts",
      probe({
        ...Object.fromEntries([...reads, ...writes]),
        "net tcp": `(await Deno.connect({ port: 1 })).close()`,
        "net fetch": `await fetch("http://127.0.0.1:9464/")`,
        "net listen": `Deno.listen({ hostname: "127.0.0.1", port: 0 }).close()`,
        "net unix": `(await Deno.connect({ transport: "unix", path: ${quoted(socket)} })).close()`,
        "env": `Deno.env.get("HOME")`,
        "env own": `Deno.env.get("AGENT_SOCKET")`,
        "sys": `Deno.hostname()`,
        "run": `new Deno.Command("true").outputSync()`,
        "ffi": `Deno.dlopen("libc.so.6", {})`,
        "import": `await import(["http:", "//127.0.0.1:1/nothing.ts"].join(""))`,
        // Deno takes code from there without a grant.
        "import usual": `await import(["https:", "//deno.land/nothing.ts"].join(""))`,
      }),
    );
    await using agent = await AgentProcess.start({
      socket,
      module: EXAMPLE_MODULE,
      record: record ? files.record : undefined,
      options: [...options, "--timeout-ms", "20000"],
      reflag: (flags) => widened(flags, probed),
    });
    if (record) Deno.writeTextFileSync(files.older, "");
    agent.kill("SIGUSR2");
    const { done } = await agent.waitForLog("tried");
    assertEquals(Array.isArray(done) && done.toSorted(), [...kept, "read program"].toSorted());
    using client = await V2Client.connect(socket);
    assertEquals((await client.request({ uri: "/" })).decision, "allow");
  },
);

Deno.test("an agent that is to watch files refuses to be locked in", async () => {
  using dir = new TempDir();
  const options = ["--lock-in", "--watch"];
  const { code, stderr } = await runAgent({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options });
  assertEquals([code, stderr.includes('Cannot read "--watch"')], [2, true], stderr);
});

Deno.test("an agent that is locked in reloads nothing, says why, and serves on", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  await using agent = await AgentProcess.start({ socket, module: EXAMPLE_MODULE, options: ["--lock-in"] });
  agent.kill("SIGHUP");
  assertEquals((await agent.waitForLog("not reloaded: serving as before")).code, "RELOAD_LOCKED_IN");
  using client = await V2Client.connect(socket);
  assertEquals((await client.request({ uri: "/" })).decision, "allow");
});
