import { assert, assertEquals } from "@std/assert";
import { AgentProcess, TempDir } from "../e2e/agent_process.ts";
import { frame, nextId, v1RequestFrame, v2Hello, v2RequestFrame, Wire } from "../e2e/wire.ts";
import { buildGuest } from "../guests/build.ts";

/** Far below what the guest's one instruction takes, on any machine. */
const TIMEOUT_MS = 20;
const NAUGHTY = { uri: "/!" };
const PING = 0x41, PONG = 0x42, REPLY = 0x20;

const HANDSHAKE_RESPONSE = 0x02;

async function startSlow(dir: TempDir): Promise<AgentProcess> {
  const module = dir.write("slow.wasm", await buildGuest("grows_table_for_long"));
  const options = ["--timeout-ms", `${TIMEOUT_MS}`, "--max-table-entries", "10000000", "--pool-size", "1"];
  return await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
}

Deno.test("agent closes a v1 connection, without a byte, when its guest could not be stopped in time", async () => {
  using dir = new TempDir();
  await using agent = await startSlow(dir);
  using wire = await Wire.connect(agent.socket);
  await wire.write(v1RequestFrame(NAUGHTY, "late"));
  assertEquals(await wire.readFrame(), undefined);
  const { took_ms: tookMs } = await agent.waitForLog("reply dropped: too late");
  assert(Number(tookMs) > 1.25 * TIMEOUT_MS);
  assertEquals(agent.logged("module error").map((line) => [line.correlation_id, line.code]), [[
    "late",
    "GUEST_DEADLINE",
  ]]);
});

Deno.test("agent sends no v2 reply when its guest could not be stopped in time, and answers what comes next", async () => {
  using dir = new TempDir();
  await using agent = await startSlow(dir);
  using wire = await Wire.connect(agent.socket);
  await wire.write(v2Hello());
  assertEquals((await wire.readMessage(true)).type, HANDSHAKE_RESPONSE);
  await wire.write(v2RequestFrame(NAUGHTY, "late"));
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
