import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { MAX_LINES_PER_SECOND } from "../../src/guest/mod.ts";
import { assembleGuest, buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, ROOT, TempDir } from "./agent_process.ts";
import { connect, frame, nextId, V2Client, v2Hello, v2RequestFrame, Wire } from "./wire.ts";

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
    abi: "agent/1",
    phases: ["request_headers", "response_headers"],
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
    await client.response(404, {}, ids[2]);
  }
  assertEquals(await agent.stop(), 0);
  const [handshake] = agent.logged("handshake");
  assertEquals([handshake?.level, handshake?.proxy_id, handshake?.proxy_version], ["DEBUG", "zentinel", "0.6.45"]);
  const decided = agent.logged("decided");
  assertEquals(
    decided.map((line) => [
      line.level,
      line.correlation_id,
      line.phase,
      line.method,
      line.uri,
      line.status,
      line.decision,
      line.tags,
    ]),
    [
      ["DEBUG", ids[0], "request_headers", "GET", "/", undefined, "allow", ["inspected"]],
      ["DEBUG", ids[1], "request_headers", "GET", ATTACK.uri, 403, "block", ["sql-injection"]],
      ["DEBUG", ids[2], "response_headers", undefined, undefined, 404, "allow", ["hardened"]],
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
    / module error correlation_id=an-id phase=request_headers module=traps\.wasm code=GUEST_TRAPPED cause="Cannot .*" trace=\["function \d+ \(byte 0x[0-9a-f]+\)","on_request_headers \(.*\)"\]$/,
  );
});

Deno.test("agent with --verbose tells of each request by what it was, however its call is run and its head is written", async () => {
  using dir = new TempDir();
  const module = dir.write("told.wasm", await buildGuest("does_as_told"));
  const options = [...PATIENT, "-v", "--pool-size", "1"];
  const agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
  // The first lasts: heads of later ones come while calls of earlier ones wait, or run in a thread.
  const odd = (index: number) => index % 2 === 0 ? "" : 'é"\\n\u0001';
  const uris = Array.from({ length: 20 }, (_, index) => `/${index}/${odd(index)}?${index % 5 === 0 ? "!l" : ""}`);
  {
    using wire = await Wire.connect(agent.socket);
    await wire.write(v2Hello());
    await wire.readMessage(true);
    for (const [index, uri] of uris.entries()) await wire.write(v2RequestFrame({ uri }, `id${index}`));
    for (const _ of uris) await wire.readMessage(true);
  }
  assertEquals(await agent.stop(), 0);
  const decided = agent.logged("decided").map((line) => [line.correlation_id, line.method, line.uri]).sort();
  const expected = uris.map((uri, index) => [`id${index}`, "GET", uri.replace("\u0001", "\\u{1}")]).sort();
  assertEquals(decided, expected);
});

Deno.test("agent logs neither a cancelled event nor one whose connection has gone as a module error", async () => {
  using dir = new TempDir();
  const module = dir.write("told.wasm", await buildGuest("does_as_told"));
  const options = ["--pool-size", "1", "--timeout-ms", "600", "-v"];
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
  {
    using wire = await Wire.connect(agent.socket);
    await wire.write(v2Hello());
    await wire.readMessage(true);
    // The first holds the only instance, the others wait for it.
    for (const [index, uri] of ["/!s", "/a", "/b", "/c"].entries()) {
      await wire.write(v2RequestFrame({ uri }, `id${index}`));
    }
    await wire.write(frame(0x40, { correlation_id: "id2", reason: 0 }));
  }
  await agent.waitForLog("module error");
  assertEquals(await agent.stop(), 0);
  assertEquals(agent.logged("module error").map((line) => [line.correlation_id, line.code]), [[
    "id0",
    "GUEST_DEADLINE",
  ]]);
});

Deno.test("agent bounds what a module's errors and lines take of the log, and counts the rest", async () => {
  using dir = new TempDir();
  const module = dir.write("prints.wasm", await buildGuest("prints_lines_and_traps"));
  const agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT });
  const calls = 1_000;
  {
    using client = await V2Client.connect(agent.socket);
    for (let call = 0; call < calls; call++) await client.request({ uri: "/!" }, nextId());
  }
  assertEquals(await agent.stop(), 0);
  assertEquals(agent.countOf("module error"), calls);
  const printed = agent.log.filter((line) => line.stream === "stdout");
  const leftOut = agent.logged("lines left out").filter((line) => line.of === "printed by module");
  const all = leftOut.reduce((sum, line) => sum + Number(line.count), printed.length);
  // A call that a busy machine holds up is made anew in a thread, and prints its lines again.
  assert(all >= 10 * calls && all < 10.5 * calls, `${all} lines`);
  // A line let through at the end of a second may be written in the next.
  for (const lines of [printed, agent.logged("module error")]) {
    const seconds = Map.groupBy(lines, (line) => String(line["@timestamp"]).slice(0, 19));
    for (const [second, within] of seconds) {
      assert(within.length <= 2 * MAX_LINES_PER_SECOND, `${within.length} at ${second}`);
    }
  }
});

Deno.test("agent warns at its start of an export that looks like a handler and is never called", async () => {
  using dir = new TempDir();
  const slip = '(func (export "on_response_header")) (func $misbehave (result i64) (unreachable))';
  const module = dir.write("policy.wasm", await assembleGuest("policy", slip));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module });
  const [warning, serving] = agent.log;
  assertEquals(warning?.level, "WARN");
  assertEquals(warning?.message, "export is never called");
  assertEquals([warning?.export, warning?.nearest], ["on_response_header", "on_response_headers"]);
  assertEquals(serving?.message, "serving");
});
