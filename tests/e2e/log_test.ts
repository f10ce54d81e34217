import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, ROOT, TempDir } from "./agent_process.ts";
import { connect, nextId, V2Client } from "./wire.ts";

const PATIENT = ["--timeout-ms", "4000"];
const ATTACK = { uri: "/?q=' or 1=1" };

/** Numbers, times and the like that differ from run to run. */
const VOLATILE = ["@timestamp", "logger"];

Deno.test("agent says in one line what it serves", async () => {
  using dir = new TempDir();
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE });
  const bytes = Deno.readFileSync(`${ROOT}${EXAMPLE_MODULE}`);
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assertEquals(agent.log.length, 1);
  const line = Object.fromEntries(Object.entries(agent.log[0]!).filter(([name]) => !VOLATILE.includes(name)));
  assertEquals(line, {
    level: "INFO",
    message: "serving",
    version: config.version,
    socket: agent.socket,
    module: EXAMPLE_MODULE,
    module_bytes: bytes.length,
    module_sha256: sha256,
    handlers: ["on_request_headers", "on_response_headers"],
    lanes: 1,
    pool_size: 4,
    fail_mode: "closed",
    timeout_ms: 40,
    max_memory_mib: 128,
    queue_size: 1024,
    protocols: ["v1", "v2 json"],
  });
});

Deno.test("agent logs nothing for a request, and prints nothing to stdout", async () => {
  using dir = new TempDir();
  const agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options: PATIENT });
  for (const version of [1, 2] as const) {
    using client = await connect(version, agent.socket);
    for (const uri of ["/", ATTACK.uri, "/admin"]) await client.request({ uri });
    await client.response(200, {});
  }
  assertEquals(await agent.stop(), 0);
  assertEquals(agent.log.map((line) => line.message), ["serving", "draining", "stopped"]);
  assertEquals(agent.stdout, []);
});

Deno.test("agent with --verbose logs each handshake and decision", async () => {
  using dir = new TempDir();
  const options = [...PATIENT, "-v"];
  const agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options });
  const ids = [nextId(), nextId(), nextId()] as const;
  {
    using client = await V2Client.connect(agent.socket, "0.6.45");
    await client.request({ uri: "/" }, ids[0]);
    await client.request(ATTACK, ids[1]);
    await client.response(200, {}, ids[2]);
  }
  assertEquals(await agent.stop(), 0);
  const [handshake] = agent.logged("handshake");
  assertEquals([handshake?.level, handshake?.proxy_id, handshake?.proxy_version], ["DEBUG", "zentinel", "0.6.45"]);
  const decided = agent.logged("decided");
  assertEquals(
    decided.map((line) => [line.level, line.correlation_id, line.phase, line.decision, line.tags]),
    [
      ["DEBUG", ids[0], "request_headers", "allow", ["inspected"]],
      ["DEBUG", ids[1], "request_headers", "block", ["sql-injection"]],
      ["DEBUG", ids[2], "response_headers", "allow", ["hardened"]],
    ],
  );
  assert(decided.every((line) => typeof line.took_ms === "number"));
});

Deno.test.each<{ readonly name: string; readonly options: readonly string[]; readonly json: boolean }>([
  { name: "JSON when stderr is no terminal", options: [], json: true },
  { name: "JSON with --log-format json", options: ["--log-format", "json"], json: true },
  { name: "text with --log-format text", options: ["--log-format", "text"], json: false },
])("agent's log is $name", async ({ options, json }) => {
  using dir = new TempDir();
  const module = dir.write("traps.wasm", await buildGuest("traps"));
  const agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: [...options, ...PATIENT] });
  using client = await V2Client.connect(agent.socket);
  await client.request({ uri: "/!" }, "an-id");
  assertEquals(await agent.stop(), 0);
  const messages = ["serving", "module error", "draining", "stopped"];
  if (json) return assertEquals(agent.log.map((line) => line.message), messages);
  const time = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `;
  for (const [index, message] of messages.entries()) {
    assertMatch(agent.stderr[index] ?? "", new RegExp(`${time}(info   |error  ) ${message} `));
  }
  assertEquals(agent.stderr.length, messages.length);
  assertMatch(
    agent.stderr[1] ?? "",
    / module error correlation_id=an-id phase=request_headers module=traps\.wasm code=GUEST_TRAPPED cause="Cannot .*"$/,
  );
});
