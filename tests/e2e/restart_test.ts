import { assertEquals, assertLessOrEqual, assertRejects, assertStringIncludes } from "@std/assert";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, runAgent, TempDir } from "./agent_process.ts";
import { Asking, type Tally } from "./asking.ts";
import { activate } from "./socket_activation.ts";
import { connect } from "./wire.ts";

/** `RESTARTS=30` takes some 30 s. */
const RESTARTS = Number(Deno.env.get("RESTARTS") ?? 3);
const CONNECTIONS = 8;
const ANSWERS = 500;
const PATIENT = ["--timeout-ms", "20000"];

/** Has agents follow each other under load; what became of the requests. @param next Starts one more, and ends the one before. */
async function restartUnderLoad(
  socket: string,
  first: AgentProcess,
  next: (before: AgentProcess) => Promise<AgentProcess>,
): Promise<Tally> {
  let agent = first;
  const asking = new Asking(socket, CONNECTIONS);
  for (let restart = 0; restart < RESTARTS; restart++) {
    await asking.answeredMore(ANSWERS);
    agent = await next(agent);
  }
  await asking.answeredMore(ANSWERS);
  const tally = await asking.stop();
  assertEquals(await agent.stop(), 0);
  return tally;
}

Deno.test("agents that take over from one another refuse no connection, close none, and lose no request", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  const start = () => AgentProcess.start({ socket, module: EXAMPLE_MODULE, options: PATIENT, takeOver: true });
  const before: AgentProcess[] = [];
  const { refused, wrong, again, connected } = await restartUnderLoad(socket, await start(), async (agent) => {
    before.push(agent);
    const next = await start();
    await agent.waitForLog("handing over");
    return next;
  });
  assertEquals({ refused, wrong, again, connected }, { refused: 0, wrong: 0, again: 0, connected: CONNECTIONS });
  // The first has kept the connections that it had, and none was left to the others.
  for (const agent of before) assertEquals(await agent.ended(), 0);
  assertEquals(before.map((agent) => agent.logged("stopped")[0]?.connections_cut), before.map(() => 0));
  assertEquals(before.map((agent) => agent.troubles), before.map(() => []));
});

Deno.test("agents that a service manager hands its socket to refuse no connection, and answer every request", async () => {
  using dir = new TempDir();
  using handedOver = activate(dir.at("a.sock"));
  const start = () =>
    AgentProcess.start({ socket: dir.at("never"), module: EXAMPLE_MODULE, options: PATIENT, handedOver });
  const { refused, wrong, again } = await restartUnderLoad(handedOver.path, await start(), async (before) => {
    assertEquals(await before.stop(), 0);
    assertEquals(before.logged("stopped").map((line) => line.connections_cut), [0]);
    return await start();
  });
  assertEquals({ refused, wrong }, { refused: 0, wrong: 0 });
  // What a connection had sent in the moment of its end was answered by the next one.
  assertLessOrEqual(again, CONNECTIONS * RESTARTS);
  assertEquals([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["a.sock"]);
});

Deno.test("agent refuses to share the socket that a service manager hands over among lanes", async () => {
  using dir = new TempDir();
  using handedOver = activate(dir.at("a.sock"));
  const options = ["--lanes", "2"];
  const { code, stderr } = await runAgent({ socket: dir.at("b"), module: EXAMPLE_MODULE, options, handedOver });
  assertEquals([code, stderr], [
    1,
    "sentinel-wasm-agent: Cannot share the socket of LISTEN_FDS among lanes as it must be left to the next process: " +
    "received --lanes 2\n",
  ]);
});

Deno.test.each([{ version: 1 }, { version: 2 }] as const)(
  "a v$version connection is answered by the agent that has the path, and what was in flight by the one before",
  async ({ version }) => {
    using dir = new TempDir();
    const start = (module: string) =>
      AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT, takeOver: true });
    const slow = dir.write("counts.wasm", await buildGuest("counts_for_long"));
    await using first = await start(slow);
    {
      using client = await connect(version, first.socket);
      const answer = client.request({ uri: "/!" });
      await using second = await start(EXAMPLE_MODULE);
      assertEquals((await answer).audit.tags, ["clean"]);
      await first.waitForLog("handing over");
      assertEquals((await client.request({ uri: "/?q=' or 1=1" })).audit.tags, ["sql-injection"]);
      await using third = await start(slow);
      await second.waitForLog("handing over");
      assertEquals(await second.ended(), 0);
      assertEquals((await client.request({ uri: "/!" })).audit.tags, ["clean"]);
      assertEquals(await third.stop(), 0);
      // Nobody has the path any more.
      await assertRejects(() => client.request({ uri: "/" }), Error);
    }
    assertEquals(await first.ended(), 0);
  },
);

Deno.test("agent that has handed its connections over closes them on SIGTERM", async () => {
  using dir = new TempDir();
  const start = () =>
    AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options: PATIENT, takeOver: true });
  await using first = await start();
  using used = await connect(1, first.socket);
  using idle = await connect(2, first.socket);
  await used.request({ uri: "/" });
  await using _second = await start();
  await first.waitForLog("handing over");
  await used.request({ uri: "/" });
  assertEquals(await first.stop(), 0);
  assertEquals(first.logged("draining").map((line) => [line.connections, line.taken_over]), [[2, true]]);
  assertEquals(first.logged("stopped").map((line) => line.connections_cut), [0]);
  for (const client of [used, idle]) await assertRejects(() => client.request({ uri: "/" }), Error);
});

Deno.test("agent tells over --ready-fd that it accepts connections", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  const readyPipe = dir.at("ready");
  assertEquals((await new Deno.Command("mkfifo", { args: [readyPipe] }).output()).code, 0);
  const told = Deno.readTextFile(readyPipe);
  await using agent = await AgentProcess.start({ socket, module: EXAMPLE_MODULE, readyPipe });
  assertEquals(await told, "READY=1\n");
  assertEquals(await agent.stop(), 0);
});

Deno.test("agent whose --ready-fd is not open says so, and ends with 1", async () => {
  using dir = new TempDir();
  const options = ["--ready-fd", "77"];
  const { code, stderr } = await runAgent({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options });
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'Cannot tell "--ready-fd" as it must be an open pipe or socket: received ');
});
