import { assertEquals, assertStringIncludes } from "@std/assert";
import { assembleGuest, buildGuest } from "../guests/build.ts";
import { AgentProcess, TempDir } from "./agent_process.ts";
import { type Client, connect, type Reply, V2Client } from "./wire.ts";

const MODULE = await buildGuest("shows_configuration");

/** The configuration that the instance behind an answer has; a long call is made in a thread. */
async function shown(client: Client, uri = "/"): Promise<unknown> {
  const { audit }: Reply = await client.request({ uri });
  return { ...audit.custom, correlation_id: undefined };
}
const has = (config: unknown) => ({ config, correlation_id: undefined });

async function start(dir: TempDir, options: readonly string[] = [], configuration?: string): Promise<AgentProcess> {
  const module = dir.write("policy.wasm", MODULE);
  return await AgentProcess.start({
    socket: dir.at("a.sock"),
    module,
    configuration,
    options: ["--timeout-ms", "4000", ...options],
  });
}

for (const version of [1, 2] as const) {
  Deno.test(`agent configures its module as a v${version} proxy says, in all instances, or not at all`, async () => {
    using dir = new TempDir();
    await using agent = await start(dir, ["--max-requests-per-instance", "3"]);
    using client = await connect(version, agent.socket);
    using other = await connect(version, agent.socket);
    assertEquals(await shown(client), has({}));
    assertEquals((await client.configure({ mode: ["a", 1] })).decision, "allow");
    // More calls than the instances that were made for it serve, and some in threads.
    for (let call = 0; call < 12; call++) {
      assertEquals(await shown(call % 2 === 0 ? client : other), has({ mode: ["a", 1] }));
    }
    for (let call = 0; call < 3; call++) assertEquals(await shown(other, "/@"), has({ mode: ["a", 1] }));
    const { decision } = await other.configure("no!");
    assertEquals(Object.keys(Object(decision)), ["block"]);
    assertStringIncludes(JSON.stringify(decision), "no exclamation marks");
    assertEquals(await shown(client), has({ mode: ["a", 1] }));
    assertEquals((await other.configure({ mode: ["a", 1] })).decision, "allow");
    assertEquals((await client.configure(null)).decision, "allow");
    assertEquals((await client.configure("b")).decision, "allow");
    for (const each of [client, other]) assertEquals(await shown(each), has("b"));
    assertEquals(await agent.stop(), 0);
    assertEquals(agent.logged("configuration of proxy taken").length, 2);
    assertEquals(agent.logged("configuration of proxy refused: the one before stays").map(({ code }) => code), [
      "MODULE_DOES_NOT_START",
    ]);
    assertEquals(agent.logged("module error"), []);
  });
}

Deno.test("agent with --lanes 2 configures its module in both lanes, whichever the proxy has spoken to", async () => {
  using dir = new TempDir();
  await using agent = await start(dir, ["--lanes", "2"]);
  using stack = new DisposableStack();
  const clients = await Promise.all(Array.from({ length: 12 }, () => V2Client.connect(agent.socket)));
  for (const client of clients) stack.use(client);
  // Which of them is in which lane is the system's choice.
  for (const [index, client] of clients.entries()) {
    if (index % 4 !== 3) continue;
    assertEquals((await client.configure({ index })).decision, "allow");
    for (const each of clients) assertEquals(await shown(each), has({ index }));
  }
  assertEquals(Object.keys(Object((await clients[0]!.configure("no!")).decision)), ["block"]);
  for (const each of clients) assertEquals(await shown(each), has({ index: 11 }));
  assertEquals(await agent.stop(), 0);
});

Deno.test("agent answers no request by a half of a change, and loses none, while a proxy configures it again and again", async () => {
  using dir = new TempDir();
  await using agent = await start(dir);
  using proxy = await V2Client.connect(agent.socket);
  using client = await V2Client.connect(agent.socket);
  assertEquals((await proxy.configure(0)).decision, "allow");
  let latest = 0;
  let over = false;
  const asking = (async () => {
    let asked = 0;
    for (; !over; asked++) {
      const before = latest;
      const { config } = Object(await shown(client));
      // One that is already taken, or the one that is on its way.
      assertEquals(config === before || config === before + 1 || config === latest, true, `${config} after ${before}`);
    }
    return asked;
  })();
  for (let config = 1; config <= 10; config++) {
    assertEquals((await proxy.configure(config)).decision, "allow");
    latest = config;
    assertEquals(await shown(proxy), has(config));
  }
  over = true;
  assertEquals(await asking > 10, true);
  assertEquals(await agent.stop(), 0);
  assertEquals(agent.log.filter(({ level }) => level !== "INFO"), []);
});

Deno.test("agent does not deliver what a proxy sends where the operator tells the module something, and says so once", async () => {
  using dir = new TempDir();
  await using agent = await start(dir, [], '{"of":"operator"}');
  using client = await V2Client.connect(agent.socket);
  for (const config of ["a", "no!"]) assertEquals((await client.configure(config)).decision, "allow");
  assertEquals(await shown(client), has({ of: "operator" }));
  assertEquals(await agent.stop(), 0);
  const warnings = agent.log.filter(({ level }) => level === "WARN").map(({ message }) => message);
  assertEquals(warnings, ["configuration of proxy not used: the operator's is"]);
});

Deno.test("agent lets a module of version 1 ask for what a proxy has sent, and writes what it logs with its level", async () => {
  const text = `(module
    (import "sentinel" "log" (func $log (param i32 i32 i32)))
    (import "sentinel" "config" (func $config (param i32 i32) (result i32)))
    (import "sentinel" "metric_add" (func $metric_add (param i32 i32 f64)))
    (memory (export "memory") 2)
    (data (i32.const 16) "{\\"decision\\":\\"allow\\"}")
    (func (export "alloc") (param i32) (result i32) (i32.const 65536))
    (func (export "dealloc") (param i32 i32))
    (func (export "on_request_headers") (param i32 i32) (result i64) (local $level i32)
      (loop $next
        (call $log (local.get $level) (i32.const 1024) (call $config (i32.const 1024) (i32.const 512)))
        (local.set $level (i32.add (local.get $level) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $level) (i32.const 4))))
      (call $metric_add (i32.const 17) (i32.const 20) (f64.const 1))
      (i64.const 0x00000010_00000014)))`;
  using dir = new TempDir();
  const module = dir.write("reads.wasm", await assembleGuest("reads", text));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: ["--timeout-ms", "4000"] });
  using client = await V2Client.connect(agent.socket);
  assertEquals((await client.configure({ a: "ü" })).decision, "allow");
  await client.request({ uri: "/" }, "the-id");
  assertEquals(await agent.stop(), 0);
  const lines = agent.logged('{"a":"ü"}');
  assertEquals(lines.map(({ level, stream, correlation_id }) => [level, stream, correlation_id]), [
    ["ERROR", "log", "the-id"],
    ["WARN", "log", "the-id"],
    ["INFO", "log", "the-id"],
  ]);
  assertEquals(agent.log.filter(({ message }) => message.startsWith("metric not counted")).length, 1);
});
