import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { LISTEN_VARIABLES } from "../../src/cli/inherited.ts";
import { OPTIONS } from "../../src/cli/options.ts";
import { planStart } from "../../tools/start_plan.ts";
import { AdminClient } from "../e2e/admin_client.ts";
import { AgentProcess, EXAMPLE_MODULE, ROOT, startFlags, TempDir } from "../e2e/agent_process.ts";
import { V2Client } from "../e2e/wire.ts";
import { buildGuest } from "../guests/build.ts";

/** A line of the file that `DENO_AUDIT_PERMISSIONS` names. */
interface Audited {
  readonly v: 1;
  readonly permission: string;
  readonly value?: string;
}

/** Permissions as `kind value`, paths absolute. */
type Permissions = readonly string[];

function absolute(kind: string, value: string): string {
  return (kind === "read" || kind === "write") && !value.startsWith("/") ? join(ROOT, value) : value;
}

/** What `--allow-*` flags grant. */
function granted(flags: readonly string[]): Permissions {
  const grants = flags.map((flag) => /^--allow-([a-z]+)=(.*)$/.exec(flag)).filter((match) => match !== null);
  return grants.flatMap(([, kind = "", values = ""]) =>
    values.split(",").map((value) => `${kind} ${absolute(kind, value)}`)
  );
}

/** What a process asked for, each once. */
function asked(file: string): Permissions {
  const lines = Deno.readTextFileSync(file).trimEnd().split("\n").map((line): Audited => JSON.parse(line));
  return [...new Set(lines.map(({ permission, value = "" }) => `${permission} ${absolute(permission, value)}`))];
}

/** Of `grants` those that cover something in `wanted`. */
function used(grants: Permissions, wanted: Permissions): Permissions {
  return grants.filter((grant) => wanted.some((item) => item === grant || item.startsWith(`${grant}/`)));
}

/** Of `wanted` what no grant covers. */
function uncovered(grants: Permissions, wanted: Permissions): Permissions {
  return wanted.filter((item) => !grants.some((grant) => item === grant || item.startsWith(`${grant}/`)));
}

const ENVIRONMENT = [...Object.values(OPTIONS).map((option) => option.env), ...LISTEN_VARIABLES];

Deno.test.each([
  { lanes: 1, takeOver: false, looked: false },
  { lanes: 2, takeOver: false, looked: true },
  { lanes: 1, takeOver: true, looked: false },
])(
  "the start task grants what an agent of $lanes lanes asks for, and nothing else (take-over $takeOver, admin $looked)",
  async ({ lanes, takeOver, looked }) => {
    using dir = new TempDir();
    const socket = dir.at("a.sock");
    const audit = dir.at("audit.jsonl");
    const module = dir.write("counts.wasm", await buildGuest("counts_for_long"));
    await using stack = new AsyncDisposableStack();
    const agent = await AgentProcess.start({
      socket,
      module,
      // All options from the environment: an option on the command line is not looked for there.
      bare: true,
      takeOver,
      admin: looked ? `unix:${dir.at("b.sock")}` : undefined,
      env: {
        AGENT_SOCKET: socket,
        WASM_MODULE: module,
        WASM_TIMEOUT_MS: "4000",
        AGENT_LANES: String(lanes),
        DENO_AUDIT_PERMISSIONS: audit,
      },
    });
    const clients = await Promise.all(Array.from({ length: 4 }, () => V2Client.connect(socket)));
    const ask = () => Promise.all(clients.map((client) => client.request({ uri: "/!" })));
    for (let round = 0; round < 3; round++) await ask();
    await agent.waitForLog("module needs threads: calls or starts of it are long");
    for (let round = 0; round < 3; round++) await ask();
    if (takeOver) {
      stack.use(await AgentProcess.start({ socket, module, takeOver, options: ["--timeout-ms", "4000"] }));
      await agent.waitForLog("handing over");
      await ask();
    }
    for (const client of clients) client[Symbol.dispose]();
    if (looked) {
      using asking = new AdminClient(dir.at("b.sock"));
      for (const path of ["/", "/metrics", "/status", "/readyz"]) assertEquals((await asking.get(path)).status, 200);
      assertEquals((await asking.get("/reload", "POST")).status, 200);
    }
    assertEquals(await agent.stop(), 0);
    await stack.disposeAsync();
    assertEquals([...Deno.readDirSync(dir.path)].map(({ name }) => name).toSorted(), ["audit.jsonl", "counts.wasm"]);
    const admin = looked ? `unix:${dir.at("b.sock")}` : undefined;
    const grants = granted(startFlags(socket, module, undefined, admin, takeOver ? ["--take-over"] : []));
    const wanted = asked(audit);
    assertEquals(uncovered(grants, wanted), []);
    // An option on the command line is not looked for in the environment.
    const named = [...takeOver ? ["env AGENT_TAKE_OVER"] : [], ...looked ? ["env AGENT_ADMIN"] : []];
    assertEquals(used(grants, wanted), grants.filter((grant) => !named.includes(grant)));
  },
);

Deno.test("the start task grants exactly this", () => {
  const socket = "/tmp/sentinel-wasm.sock";
  const flags = planStart([], () => undefined, "/");
  assertEquals(
    flags.filter((flag) => /^-[A-Z]$|^--(allow|deny|unstable)/.test(flag)).map((flag) => flag.split("=")[0]),
    [
      // Of what is unstable, only when files are read.
      "--unstable-lazy-dynamic-imports",
      "--allow-read",
      "--allow-write",
      "--allow-net",
      "--allow-sys",
      "--allow-env",
    ],
  );
  assertEquals(
    granted(flags).toSorted(),
    [
      ...["main.ts", "src", "deno.json", EXAMPLE_MODULE].map((path) => `read ${join(ROOT, path)}`),
      ...[socket, `${socket}.lock`].flatMap((path) => [`read ${path}`, `write ${path}`]),
      `net unix:${socket}`,
      "sys setPriority",
      ...ENVIRONMENT.map((name) => `env ${name}`),
    ].toSorted(),
  );
});

Deno.test("the try task grants exactly this", () => {
  const socket = "/srv/own.sock";
  assertEquals(
    granted(planStart(["try", "--socket", "own.sock"], () => undefined, "/srv")).toSorted(),
    [
      ...["main.ts", "src", "deno.json"].map((path) => `read ${join(ROOT, path)}`),
      ...[`read ${socket}`, `write ${socket}`, `net unix:${socket}`],
      ...["AGENT_SOCKET", "NO_COLOR", "FORCE_COLOR", "TERM"].map((name) => `env ${name}`),
    ].toSorted(),
  );
});

Deno.test("whatever the tasks run never prompts, and keeps to the lock file", () => {
  for (const words of [[], ["--help"], ["--version"], ["try"], ["try", "--help"]]) {
    const flags = planStart(words, () => undefined, "/");
    assertEquals(flags.includes("--no-prompt") && flags.includes("--frozen"), true, words.join(" "));
  }
  for (const { command } of [config.tasks.start, config.tasks.try]) {
    assertEquals(command.includes(" --no-prompt --frozen "), true, command);
  }
});
