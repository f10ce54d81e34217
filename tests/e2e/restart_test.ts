import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, runAgent, TempDir } from "./agent_process.ts";
import { Asking } from "./asking.ts";
import { activate } from "./socket_activation.ts";
import { V2Client } from "./wire.ts";

/** `RESTARTS=30` takes some 30 s. */
const RESTARTS = Number(Deno.env.get("RESTARTS") ?? 3);
const CONNECTIONS = 8;
const ANSWERS = 500;
const PATIENT = ["--timeout-ms", "20000"];

/** Has agents follow each other under load. @param next Starts one more, and ends the one before. */
async function restartUnderLoad(
  socket: string,
  first: AgentProcess,
  next: (before: AgentProcess) => Promise<AgentProcess>,
): Promise<void> {
  let agent = first;
  const asking = new Asking(socket, CONNECTIONS);
  for (let restart = 0; restart < RESTARTS; restart++) {
    await asking.answeredMore(ANSWERS);
    const before = agent;
    agent = await next(before);
    assertEquals(await before.ended(), 0);
    assertEquals(before.logged("stopped").map((line) => line.connections_cut), [0]);
  }
  await asking.answeredMore(ANSWERS);
  const { refused, wrong, again, connected } = await asking.stop();
  assertEquals(await agent.stop(), 0);
  assertEquals({ refused, wrong }, { refused: 0, wrong: 0 });
  // All went to each agent, and what a connection had sent in the moment of its end was answered by the next one.
  assert(connected >= CONNECTIONS * (RESTARTS + 1));
  assertLessOrEqual(again, CONNECTIONS * RESTARTS);
}

Deno.test("agents that take over from one another refuse no connection, and answer every request", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  const start = () => AgentProcess.start({ socket, module: EXAMPLE_MODULE, options: PATIENT, takeOver: true });
  await restartUnderLoad(socket, await start(), async (before) => {
    const agent = await start();
    assertEquals((await before.waitForLog("draining")).taken_over, true);
    return agent;
  });
});

Deno.test("agents that a service manager hands its socket to refuse no connection, and answer every request", async () => {
  using dir = new TempDir();
  using handedOver = activate(dir.at("a.sock"));
  const start = () =>
    AgentProcess.start({ socket: dir.at("never"), module: EXAMPLE_MODULE, options: PATIENT, handedOver });
  await restartUnderLoad(handedOver.path, await start(), async (before) => {
    before.kill("SIGTERM");
    await before.ended();
    return await start();
  });
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

Deno.test("agent that is taken over answers what is in flight before it ends", async () => {
  using dir = new TempDir();
  const module = dir.write("counts.wasm", await buildGuest("counts_for_long"));
  const start = { socket: dir.at("a.sock"), module, options: PATIENT, takeOver: true };
  await using first = await AgentProcess.start(start);
  using client = await V2Client.connect(first.socket);
  const answer = client.request({ uri: "/!" });
  await using second = await AgentProcess.start(start);
  assertEquals((await answer).decision, "allow");
  assertEquals(await first.ended(), 0);
  assertEquals(second.logged("serving").length, 1);
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
