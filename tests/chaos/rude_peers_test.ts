import { assert, assertEquals } from "@std/assert";
import { sleep } from "../../src/sleep.ts";
import { AgentProcess, EXAMPLE_MODULE, TempDir } from "../e2e/agent_process.ts";
import { frame, nextId, V1Client, v1RequestFrame, V2Client, v2Hello, v2RequestFrame, Wire } from "../e2e/wire.ts";
import { buildGuest } from "../guests/build.ts";
import { residentMiB } from "./process_figures.ts";

const PATIENT = ["--timeout-ms", "20000"];
const HEAD = { uri: "/" };

/** Connects, is rude, and perhaps stays. */
type Rudeness = (conn: Deno.UnixConn) => Promise<void> | void;

const leave = (conn: Deno.UnixConn) => conn.close();

async function send(conn: Deno.UnixConn, ...frames: readonly Uint8Array[]): Promise<void> {
  for (const bytes of frames) {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
  }
}

const RUDENESSES: Readonly<Record<string, Rudeness>> = {
  async "hangs up in the middle of a v1 frame"(conn) {
    await send(conn, v1RequestFrame(HEAD).subarray(0, 50));
    leave(conn);
  },
  async "hangs up before its v2 answers"(conn) {
    await send(conn, v2Hello(), v2RequestFrame(HEAD, nextId()), v2RequestFrame(HEAD, nextId()));
    leave(conn);
  },
  async "shuts its side, and reads nothing"(conn) {
    await send(conn, v2Hello(), v2RequestFrame(HEAD, nextId()));
    await conn.closeWrite();
  },
  async "reads none of its answers"(conn) {
    await send(conn, v2Hello());
    for (let count = 0; count < 5; count++) await send(conn, v2RequestFrame(HEAD, nextId()));
  },
  async "stays in the middle of a long frame"(conn) {
    const chunk = frame(0x13, { correlation_id: nextId(), data: "A".repeat(300_000), is_last: true, chunk_index: 0 });
    await send(conn, v2Hello(), chunk.subarray(0, 200_000));
  },
  async "sends garbage"(conn) {
    await send(conn, crypto.getRandomValues(new Uint8Array(1000)));
  },
  "says nothing"() {},
  "comes and goes": leave,
};

Deno.test("a thousand rude connections cost no polite one its answer, and what they leave behind is bounded", async () => {
  using dir = new TempDir();
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options: PATIENT });
  using v1 = await V1Client.connect(agent.socket);
  using v2 = await V2Client.connect(agent.socket);
  const staying: Deno.UnixConn[] = [];
  const kinds = Object.values(RUDENESSES);
  for (let wave = 0; wave < 25; wave++) {
    const rude = Promise.all(Array.from({ length: 40 }, async (_, index) => {
      const conn = await Deno.connect({ transport: "unix", path: agent.socket });
      staying.push(conn);
      // The agent may well have closed by the time all is said.
      await Promise.resolve(kinds[index % kinds.length]?.(conn)).catch(() => {});
    }));
    for (const client of [v1, v2]) assertEquals((await client.request(HEAD)).decision, "allow");
    await rude;
  }
  using newcomer = await V2Client.connect(agent.socket);
  assertEquals((await newcomer.request(HEAD)).decision, "allow");
  const { now } = residentMiB(agent.pid);
  // 125 of them have begun a frame that takes 256 KiB.
  assert(now < 400, `${now} MiB`);
  for (const conn of staying) {
    try {
      conn.close();
    } catch {
      // Closed before.
    }
  }
  for (const client of [v1, v2, newcomer]) assertEquals((await client.request(HEAD)).decision, "allow");
  assertEquals(agent.logged("fault in agent"), []);
});

/** Opens so many connections that say nothing, as far as they are taken. */
async function crowd(path: string, count: number): Promise<Deno.UnixConn[]> {
  const conns: Deno.UnixConn[] = [];
  for (let opened = 0; opened < count; opened++) {
    try {
      conns.push(await Deno.connect({ transport: "unix", path }));
    } catch {
      break;
    }
  }
  return conns;
}

Deno.test("agent out of descriptors sheds silent connections, answers those that speak, and still starts threads", async () => {
  using dir = new TempDir();
  const module = dir.write("spins.wasm", await buildGuest("spins_forever"));
  const options = ["--timeout-ms", "400", "--pool-size", "4"];
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options, maxOpenFiles: 120 });
  using known = await V2Client.connect(agent.socket);
  const conns = await crowd(agent.socket, 300);
  await agent.waitForLog("connection closed", (line) => line.code === "CONNECTION_OVER_LIMIT");
  assertEquals((await known.request({ uri: "/" })).decision, "allow");
  using newcomer = await V2Client.connect(agent.socket);
  assertEquals((await newcomer.request({ uri: "/" })).decision, "allow");
  // A thread for each of these, all of which fail in the end.
  const slow = await Promise.all(Array.from({ length: 4 }, () => V2Client.connect(agent.socket)));
  await Promise.allSettled(slow.map((client) => client.request({ uri: "/!" })));
  assertEquals((await known.request({ uri: "/" })).decision, "allow");
  for (const conn of conns) conn.close();
  for (const client of slow) client[Symbol.dispose]();
  using late = await V2Client.connect(agent.socket);
  assertEquals((await late.request({ uri: "/" })).decision, "allow");
  assertEquals(await agent.stop(), 0);
});

Deno.test("agent whose lanes are out of descriptors goes on, or ends with 1 to be started anew: it is never deaf", async () => {
  using dir = new TempDir();
  const options = [...PATIENT, "--lanes", "2"];
  const agent = await AgentProcess.start({
    socket: dir.at("a.sock"),
    module: EXAMPLE_MODULE,
    options,
    maxOpenFiles: 120,
  });
  let ended: number | undefined;
  const end = agent.ended().then((code) => ended = code);
  const conns = await crowd(agent.socket, 300);
  await agent.waitForLog("connection closed", (line) => line.code === "CONNECTION_OVER_LIMIT");
  for (const conn of conns) conn.close();
  let answered = 0;
  for (let count = 0; count < 8 && ended === undefined; count++) {
    try {
      using wire = await Wire.connect(agent.socket);
      await wire.write(v1RequestFrame(HEAD));
      if (await wire.readFrame() !== undefined) answered++;
    } catch {
      await sleep(100);
    }
  }
  if (answered === 0) assertEquals(await end, 1);
  agent.kill("SIGTERM");
  await end;
});
