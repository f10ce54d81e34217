import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, Lines, ROOT, runAgent, TempDir } from "./agent_process.ts";
import { nextId, V1Client, V2Client, v2Hello, v2RequestFrame, Wire } from "./wire.ts";

const PATIENT = ["--timeout-ms", "20000"];

function startOn(socket: string): Promise<AgentProcess> {
  return AgentProcess.start({ socket, module: EXAMPLE_MODULE, options: PATIENT });
}

async function assertServes(socket: string): Promise<void> {
  using client = await V2Client.connect(socket);
  assertEquals((await client.request({ uri: "/" })).decision, "allow");
}

function entries(dir: TempDir): string[] {
  return [...Deno.readDirSync(dir.path)].map((entry) => entry.name).sort();
}

Deno.test("a second agent on one path refuses with 1, and the first goes on", async () => {
  using dir = new TempDir();
  await using first = await startOn(dir.at("a.sock"));
  const { code, stdout, stderr } = await runAgent({ socket: first.socket, module: EXAMPLE_MODULE });
  assertEquals({ code, stdout }, { code: 1, stdout: "" });
  const { uid, birthtime } = Deno.lstatSync(first.socket);
  assertEquals(
    stderr,
    `sentinel-wasm-agent: Cannot listen on "${first.socket}" as no other process may serve it: ` +
      `received an answer from one of user ${uid}, there since ${birthtime?.toISOString()} (ss -xlp shows which)\n`,
  );
  await assertServes(first.socket);
});

Deno.test("an agent takes the place of one that was killed", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  const killed = await startOn(socket);
  killed.kill("SIGKILL");
  await killed.ended();
  assert(Deno.lstatSync(socket).isSocket, "the dead agent's socket is still there");
  await using agent = await startOn(socket);
  await assertServes(socket);
  assertEquals(await agent.stop(), 0);
  assertEquals(entries(dir), []);
});

Deno.test.each<{ readonly name: string; readonly put: (path: string) => void }>([
  { name: "a file", put: (path) => Deno.writeTextFileSync(path, "precious") },
  { name: "a folder", put: (path) => Deno.mkdirSync(path) },
  { name: "a symbolic link", put: (path) => Deno.symlinkSync("elsewhere.sock", path) },
])("agent leaves $name in the socket's place alone and exits with 1", async ({ put }) => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  put(socket);
  const before = Deno.lstatSync(socket);
  const { code, stderr } = await runAgent({ socket, module: EXAMPLE_MODULE });
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^sentinel-wasm-agent: Cannot listen on ".*\/a\.sock" as only a stale socket may be there: .*\n$/,
  );
  const after = Deno.lstatSync(socket);
  assertEquals([after.ino, after.size, after.mode], [before.ino, before.size, before.mode]);
});

Deno.test("agent exits with 1 where the socket's folder does not exist", async () => {
  using dir = new TempDir();
  const { code, stderr } = await runAgent({ socket: dir.at("none/a.sock"), module: EXAMPLE_MODULE });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "(its folder must exist)");
});

Deno.test.each<{ readonly signal: Deno.Signal }>([{ signal: "SIGTERM" }, { signal: "SIGINT" }])(
  "agent on $signal answers what is in flight, exits with 0 and removes its socket",
  async ({ signal }) => {
    using dir = new TempDir();
    const module = dir.write("counts.wasm", await buildGuest("counts_for_long"));
    const options = [...PATIENT, "--pool-size", "1"];
    await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
    using wire = await Wire.connect(agent.socket);
    await wire.write(v2Hello());
    await wire.readMessage(true);
    const ids = Array.from({ length: 20 }, () => nextId());
    for (const id of ids) await wire.write(v2RequestFrame({ uri: "/!" }, id));
    const answered = [await wire.readMessage(true)];
    agent.kill(signal);
    assertEquals((await agent.waitForLog("draining")).signal, signal);
    while (answered.length < ids.length) answered.push(await wire.readMessage(true));
    const replies = answered.map(({ payload }) => JSON.stringify(payload));
    for (const id of ids) {
      assertEquals(replies.filter((reply) => reply.includes(`"correlation_id":"${id}"`)).length, 1);
    }
    assert(replies.every((reply) => reply.includes(`"decision":"allow"`) && reply.includes(`"clean"`)));
    assertEquals(await wire.readFrame(), undefined);
    assertEquals(await agent.ended(), 0);
    assertEquals(agent.logged("stopped").map((line) => line.connections_cut), [0]);
    assertEquals(entries(dir), ["counts.wasm"]);
  },
);

Deno.test("agent on SIGTERM closes idle connections of both protocols and stops at once", async () => {
  using dir = new TempDir();
  await using agent = await startOn(dir.at("a.sock"));
  using v1 = await V1Client.connect(agent.socket);
  using v2 = await V2Client.connect(agent.socket);
  await v1.request({ uri: "/" });
  await v2.request({ uri: "/" });
  assertEquals(await agent.stop(), 0);
  assertEquals(agent.logged("draining")[0]?.connections, 2);
  assertEquals(agent.logged("stopped")[0]?.connections_cut, 0);
});

Deno.test("agent leaves the socket alone that another has put in the place of its own", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  await using first = await startOn(socket);
  Deno.removeSync(socket);
  await using second = await startOn(socket);
  const { ino } = Deno.lstatSync(socket);
  assertEquals(await first.stop(), 0);
  assertEquals(Deno.lstatSync(socket).ino, ino);
  await assertServes(socket);
  assertEquals(await second.stop(), 0);
  assertEquals(entries(dir), []);
});

Deno.test("agent whose socket was removed ends with 0 on SIGTERM", async () => {
  using dir = new TempDir();
  await using agent = await startOn(dir.at("a.sock"));
  Deno.removeSync(agent.socket);
  assertEquals(await agent.stop(), 0);
});

Deno.test.each([
  { name: "0660 by default", options: [], mode: "660" },
  { name: "what --socket-mode says", options: ["--socket-mode", "0600"], mode: "600" },
  { name: "what AGENT_SOCKET_MODE says", options: [], env: { AGENT_SOCKET_MODE: "777" }, mode: "777" },
])("the socket's file mode is $name", async ({ options, env, mode }) => {
  using dir = new TempDir();
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options, env });
  assertEquals(((Deno.lstatSync(agent.socket).mode ?? 0) & 0o777).toString(8), mode);
});

Deno.test("agent says in its log what grants it misses, and serves without them", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  const flags = [`--allow-read=.,${socket}`, `--allow-write=${socket}`, `--allow-net=unix:${socket}`];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...flags, "main.ts", "--socket", socket, "--module", EXAMPLE_MODULE],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = new Lines(child.stderr);
  await log.find((line) => line.includes('"message":"serving"'), "start of service");
  await assertServes(socket);
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0);
  await log.ended();
  const warnings = log.all.filter((line) => line.includes('"level":"WARN"')).map((line) => JSON.parse(line));
  assertEquals(warnings.map(({ message, grant }) => [message, grant]), [
    ["starts not kept apart", `--allow-read=${socket}.lock --allow-write=${socket}.lock`],
    ["environment not read", "--allow-env"],
  ]);
});
