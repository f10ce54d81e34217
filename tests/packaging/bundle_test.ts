import { assertEquals, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { engineFlags } from "../../tools/engine_flags.ts";
import { serveGrants } from "../../tools/grants.ts";
import { buildGuest } from "../guests/build.ts";
import { EXAMPLE_MODULE, Lines, ROOT, TempDir } from "../e2e/agent_process.ts";
import { V2Client } from "../e2e/wire.ts";

const FILE = "sentinel-wasm-agent.js";

Deno.test("the bundle begins and tests a module from a URL, and needs nothing but the folder", async () => {
  using dir = new TempDir();
  await makeBundle(dir.at(FILE));
  const bundle = Deno.readTextFileSync(dir.at(FILE));
  const headers = { "content-type": "text/javascript" };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(bundle, { headers }),
  );
  const host = `127.0.0.1:${server.addr.port}`;
  const folder = dir.at("my-policy");
  const run = async (...words: readonly string[]) => {
    const grants = [`--allow-import=${host}`, `--allow-read=${folder}`, `--allow-write=${folder}`];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-config", ...grants, `http://${host}/${FILE}`, ...words],
      env: { DENO_DIR: dir.at("cache"), NO_COLOR: "1" },
      stdin: "null",
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  };
  assertStringIncludes(await run("new", "c", folder), "a module in C");
  assertEquals(
    Deno.readTextFileSync(`${folder}/sentinel.h`),
    Deno.readTextFileSync(`${ROOT}examples/c/sentinel.h`),
  );
  Deno.copyFileSync(`${ROOT}examples/c/policy.wasm`, `${folder}/policy.wasm`);
  Deno.copyFileSync(`${ROOT}examples/c/cases.yaml`, `${folder}/cases.yaml`);
  assertStringIncludes(
    await run("test", `${folder}/policy.wasm`, `${folder}/cases.yaml`, "--junit", `${folder}/report.xml`),
    "10 passed, 0 failed",
  );
});

/** Makes the bundle as the task does, but elsewhere. */
async function makeBundle(path: string): Promise<void> {
  const words = config.tasks.bundle.command.split(" ").slice(1);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: words.map((word) => word.startsWith("--output=") ? `--output=${path}` : word),
    cwd: ROOT,
    stdout: "null",
    stderr: "piped",
  }).output();
  assertEquals(success, true, new TextDecoder().decode(stderr));
}

Deno.test.each([
  { name: "a quick module", long: false, lanes: 1, uri: "/?q=' or 1=1", tags: ["sql-injection"] },
  { name: "a quick module in two lanes", long: false, lanes: 2, uri: "/?q=' or 1=1", tags: ["sql-injection"] },
  { name: "a module with long calls", long: true, lanes: 1, uri: "/!", tags: ["clean"] },
])("the bundle runs $name from a URL, which it needs no more once it serves", async ({ long, lanes, uri, tags }) => {
  using dir = new TempDir();
  await makeBundle(dir.at(FILE));
  const path = long ? dir.write("guest.wasm", await buildGuest("counts_for_long")) : `${ROOT}${EXAMPLE_MODULE}`;
  const socket = dir.at("a.sock");
  const bundle = Deno.readTextFileSync(dir.at(FILE));
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(bundle, { headers: { "content-type": "text/javascript" } }),
  );
  const host = `127.0.0.1:${server.addr.port}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-config",
      engineFlags(),
      `--allow-import=${host}`,
      ...serveGrants({ sockets: [socket], read: [path] }),
      `http://${host}/${FILE}`,
      ...["--socket", socket, "--module", path, "--timeout-ms", "4000", "--lanes", String(lanes)],
    ],
    cwd: dir.path,
    env: { DENO_DIR: dir.at("cache"), NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = new Lines(child.stderr);
  try {
    await log.find((line) => line.includes('"message":"serving"'), "start of service");
    await server.shutdown();
    const clients = await Promise.all(Array.from({ length: 4 }, () => V2Client.connect(socket)));
    for (let round = 0; round < 6; round++) {
      const replies = await Promise.all(clients.map((client) => client.request({ uri })));
      assertEquals(replies.map((reply) => reply.audit.tags), replies.map(() => tags));
      if (long && round === 3) await log.find((line) => line.includes("module needs threads: "), "need of threads");
    }
    for (const client of clients) client[Symbol.dispose]();
  } finally {
    await server.shutdown();
    child.kill("SIGTERM");
    const { code } = await child.status;
    await log.ended();
    assertEquals(code, 0, log.text);
  }
  const troubles = log.all.filter((line) => line.includes('"level":"ERROR"') || line.includes('"level":"WARN"'));
  assertEquals(troubles, []);
});
