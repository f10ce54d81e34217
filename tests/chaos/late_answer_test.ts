import { assert, assertEquals } from "@std/assert";
import { sleep } from "../../src/sleep.ts";
import { AgentProcess, TempDir } from "../e2e/agent_process.ts";
import { frame, nextId, v1RequestFrame, v2Hello, v2RequestFrame, Wire } from "../e2e/wire.ts";
import { lateAfterMs } from "../../src/server/mod.ts";
import { buildGuest } from "../guests/build.ts";

/** Far below what the guest's one instruction takes, on any machine. */
const TIMEOUT_MS = 20;
/** Long enough for a busy machine to come to a call before it is over. */
const LONG_MS = 1000;
const NAUGHTY = { uri: "/!" };
const PING = 0x41, PONG = 0x42, REPLY = 0x20;

const HANDSHAKE_RESPONSE = 0x02;

async function startSlow(dir: TempDir): Promise<AgentProcess> {
  const module = dir.write("slow.wasm", await buildGuest("grows_table_for_long"));
  const options = ["--timeout-ms", `${TIMEOUT_MS}`, "--max-table-entries", "10000000", "--pool-size", "1"];
  return await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
}

/** Has an event's call run past the last moment for a reply, because the whole process stands still. */
async function standStill(agent: AgentProcess): Promise<void> {
  await sleep(LONG_MS / 4);
  agent.kill("SIGSTOP");
  await sleep(2 * LONG_MS);
  agent.kill("SIGCONT");
}

async function startSpinning(dir: TempDir): Promise<AgentProcess> {
  const module = dir.write("spins.wasm", await buildGuest("spins_forever"));
  return await AgentProcess.start({ socket: dir.at("a.sock"), module, options: ["--timeout-ms", `${LONG_MS}`] });
}

Deno.test("agent closes a v1 connection, without a byte, when its answer would be late", async () => {
  using dir = new TempDir();
  await using agent = await startSpinning(dir);
  using wire = await Wire.connect(agent.socket);
  await wire.write(v1RequestFrame(NAUGHTY, "late"));
  await standStill(agent);
  assertEquals(await wire.readFrame(), undefined);
  const { took_ms: tookMs } = await agent.waitForLog("reply dropped: too late");
  assert(Number(tookMs) > lateAfterMs(LONG_MS));
  assertEquals(agent.logged("module error").map((line) => [line.correlation_id, line.code]), [[
    "late",
    "GUEST_DEADLINE",
  ]]);
});

Deno.test("agent sends no v2 reply that would be late, and answers what comes next", async () => {
  using dir = new TempDir();
  await using agent = await startSpinning(dir);
  using wire = await Wire.connect(agent.socket);
  await wire.write(v2Hello());
  assertEquals((await wire.readMessage(true)).type, HANDSHAKE_RESPONSE);
  await wire.write(v2RequestFrame(NAUGHTY, "late"));
  await standStill(agent);
  await agent.waitForLog("reply dropped: too late");
  // All that the agent had to say about the first stands before the pong.
  await wire.write(frame(PING, { sequence: 1, timestamp_ms: 0 }));
  assertEquals((await wire.readMessage(true)).type, PONG);
  assertEquals(agent.logged("module error").map((line) => [line.correlation_id, line.code]), [[
    "late",
    "GUEST_DEADLINE",
  ]]);
});

Deno.test("agent never lets a guest's own answer out that took too long, in threads either", async () => {
  using dir = new TempDir();
  await using agent = await startSlow(dir);
  for (let round = 0; round < 5; round++) {
    using v1 = await Wire.connect(agent.socket);
    await v1.write(v1RequestFrame(NAUGHTY, nextId()));
    const body = await v1.readFrame();
    const answer = body === undefined ? undefined : JSON.parse(new TextDecoder().decode(body));
    assert(answer === undefined || answer.audit.tags[0] === "wasm-error", JSON.stringify(answer));

    using v2 = await Wire.connect(agent.socket);
    await v2.write(v2Hello());
    await v2.readMessage(true);
    const id = nextId();
    await v2.write(v2RequestFrame(NAUGHTY, id));
    await agent.waitForLog("module error", (line) => line.correlation_id === id);
    await v2.write(frame(PING, { sequence: round, timestamp_ms: 0 }));
    const { type, payload } = await v2.readMessage(true);
    assert(
      type === PONG || type === REPLY && JSON.stringify(payload).includes('"wasm-error"'),
      JSON.stringify(payload),
    );
  }
});
