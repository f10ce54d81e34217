import { assert, assertEquals } from "@std/assert";
import { sleep } from "../../src/sleep.ts";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, TempDir } from "./agent_process.ts";
import { nextId, V1Client, V2Client, v2Hello, v2RequestFrame, Wire } from "./wire.ts";

const PATIENT = ["--timeout-ms", "20000"];
/** Two signals further apart than this are two. */
const SAME_MS = 500;

async function startSlow(dir: TempDir): Promise<AgentProcess> {
  const module = dir.write("counts.wasm", await buildGuest("counts_for_long"));
  return await AgentProcess.start({ socket: dir.at("a.sock"), module, options: [...PATIENT, "--pool-size", "1"] });
}

/** A v2 connection, shaken hands on. */
async function connect(socket: string): Promise<Wire> {
  const wire = await Wire.connect(socket);
  await wire.write(v2Hello());
  await wire.readMessage(true);
  return wire;
}

/** Reads replies until the agent closes; how many there were. */
async function countReplies(wire: Wire): Promise<number> {
  let count = 0;
  while (await wire.readFrame() !== undefined) count++;
  return count;
}

Deno.test.each<{ readonly name: string; readonly signals: readonly Deno.Signal[] }>([
  { name: "SIGINT twice", signals: ["SIGINT", "SIGINT"] },
  { name: "SIGTERM four times", signals: ["SIGTERM", "SIGTERM", "SIGTERM", "SIGTERM"] },
  { name: "SIGINT and SIGTERM", signals: ["SIGINT", "SIGTERM"] },
])("$name at once are one signal: the agent answers what is in flight", async ({ signals }) => {
  using dir = new TempDir();
  await using agent = await startSlow(dir);
  using wire = await connect(agent.socket);
  for (let count = 0; count < 20; count++) await wire.write(v2RequestFrame({ uri: "/!" }, nextId()));
  await wire.readFrame();
  for (const signal of signals) agent.kill(signal);
  assertEquals(await countReplies(wire), 19);
  assertEquals(await agent.ended(), 0);
  assertEquals(agent.logged("draining").length, 1);
  assertEquals(agent.logged("stopped").map((line) => line.connections_cut), [0]);
});

Deno.test("a second signal, later, ends the agent at once", async () => {
  using dir = new TempDir();
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options: PATIENT });
  // Replies that nobody reads, more than a socket holds and less than what stops the agent reading, keep a drain waiting.
  using wire = await connect(agent.socket);
  for (let count = 0; count < 1_000; count++) await wire.write(v2RequestFrame({ uri: "/" }, nextId()));
  agent.kill("SIGTERM");
  const { grace_ms } = await agent.waitForLog("draining");
  await sleep(SAME_MS + 100);
  assertEquals(agent.logged("stopped"), []);
  agent.kill("SIGTERM");
  assertEquals(await agent.ended(), 0);
  const [draining, stopped] = ["draining", "stopped"].map((message) => agent.logged(message)[0]);
  assertEquals(stopped?.connections_cut, 1);
  const took = Date.parse(String(stopped?.["@timestamp"])) - Date.parse(String(draining?.["@timestamp"]));
  assert(took < Number(grace_ms), `took ${took} ms`);
});

Deno.test("SIGQUIT and SIGUSR2 leave a line in the log and change nothing", async () => {
  using dir = new TempDir();
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options: PATIENT });
  using client = await V2Client.connect(agent.socket);
  for (const signal of ["SIGQUIT", "SIGUSR2"] as const) {
    agent.kill(signal);
    const line = await agent.waitForLog("signal without effect", (line) => line.signal === signal);
    assertEquals(line.level, "INFO");
    assertEquals((await client.request({ uri: "/" })).decision, "allow");
  }
  assertEquals(await agent.stop(), 0);
});

Deno.test.each([{ lanes: 1 }, { lanes: 2 }])(
  "whatever has arrived before SIGTERM is answered, however long the agent of $lanes lanes could not look at it",
  async ({ lanes }) => {
    using dir = new TempDir();
    const env = { AGENT_LANES: String(lanes) };
    await using agent = await AgentProcess.start({
      socket: dir.at("a.sock"),
      module: EXAMPLE_MODULE,
      options: PATIENT,
      env,
    });
    using known = await connect(agent.socket);
    using knownV1 = await V1Client.connect(agent.socket);
    await knownV1.request({ uri: "/" });
    agent.kill("SIGSTOP");
    const ids = Array.from({ length: 50 }, () => nextId());
    for (const id of ids) await known.write(v2RequestFrame({ uri: "/" }, id));
    const late = knownV1.request({ uri: "/" });
    const strangers = await Promise.all(Array.from({ length: 20 }, () => Wire.connect(agent.socket)));
    for (const stranger of strangers) {
      await stranger.write(v2Hello());
      for (const id of ids) await stranger.write(v2RequestFrame({ uri: "/" }, id));
    }
    agent.kill("SIGTERM");
    agent.kill("SIGCONT");
    assertEquals((await late).decision, "allow");
    assertEquals(await countReplies(known), ids.length);
    for (const stranger of strangers) {
      assertEquals(await countReplies(stranger), 1 + ids.length);
      stranger.close();
    }
    assertEquals(await agent.ended(), 0);
    assertEquals(agent.logged("stopped").map((line) => line.connections_cut), [0]);
  },
);
