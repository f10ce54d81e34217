import { assert, assertEquals } from "@std/assert";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, TempDir } from "./agent_process.ts";
import { nextId, V1Client, V2Client } from "./wire.ts";

const CONNECTIONS = 60;

Deno.test("agent with --lanes 2 answers on all connections, of both protocols, in both lanes", async () => {
  using dir = new TempDir();
  await using agent = await AgentProcess.start({
    socket: dir.at("a.sock"),
    module: EXAMPLE_MODULE,
    options: ["--lanes", "2", "--verbose", "--timeout-ms", "20000"],
  });
  await using stack = new AsyncDisposableStack();
  for (let index = 0; index < CONNECTIONS; index++) {
    const client = index % 2 === 0
      ? stack.use(await V1Client.connect(agent.socket))
      : stack.use(await V2Client.connect(agent.socket));
    for (const [uri, decision] of [["/", "allow"], ["/admin", "block"]] as const) {
      const reply = await client.request({ uri }, nextId());
      assertEquals(typeof reply.decision === "string" ? reply.decision : Object.keys(reply.decision)[0], decision);
    }
  }
  assertEquals(await agent.stop(), 0);
  const decided = agent.logged("decided");
  assertEquals(decided.length, 2 * CONNECTIONS);
  const inLane = decided.filter(({ lane }) => lane === 1).length;
  assert(inLane > 0 && inLane < decided.length, `${inLane} of ${decided.length} in the second lane`);
  assertEquals(agent.logged("draining")[0]?.connections, CONNECTIONS);
  assertEquals(agent.logged("stopped")[0]?.connections_cut, 0);
  assertEquals([...Deno.readDirSync(dir.path)], []);
});

Deno.test("agent with --lanes 2 answers what is in flight in both lanes before it stops", async () => {
  using dir = new TempDir();
  const module = dir.write("long.wasm", await buildGuest("counts_for_long"));
  await using agent = await AgentProcess.start({
    socket: dir.at("a.sock"),
    module,
    options: ["--lanes", "2", "--timeout-ms", "20000"],
  });
  const clients = await Promise.all(Array.from({ length: 12 }, () => V2Client.connect(agent.socket)));
  const answers = clients.map((client) => client.request({ uri: "/!" }));
  await answers[0];
  const code = agent.stop();
  for (const answer of answers) assertEquals((await answer).decision, "allow");
  assertEquals(await code, 0);
  for (const client of clients) client[Symbol.dispose]();
});

Deno.test("agent with --lanes 2 gives slow calls of each lane threads of their own, and ends what never ends", async () => {
  using dir = new TempDir();
  const module = dir.write("told.wasm", await buildGuest("does_as_told"));
  await using agent = await AgentProcess.start({
    socket: dir.at("a.sock"),
    module,
    options: ["--lanes", "2", "--pool-size", "2", "--timeout-ms", "300"],
  });
  const lanes = new Set<unknown>();
  for (let turn = 0; turn < 30 && lanes.size < 2; turn++) {
    using client = await V2Client.connect(agent.socket);
    const id = nextId();
    assertEquals((await client.request({ uri: "/!s" }, id)).audit.tags, ["wasm-error"]);
    lanes.add((await agent.waitForLog("module error", (line) => line.correlation_id === id)).lane);
  }
  assertEquals(lanes.size, 2);
  for (const lane of lanes) {
    await agent.waitForLog("module needs threads: calls or starts of it are long", (line) => line.lane === lane);
  }
  assertEquals(await agent.stop(), 0);
});
