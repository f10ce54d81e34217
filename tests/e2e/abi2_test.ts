import { assertEquals, assertStringIncludes } from "@std/assert";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, runAgent, TempDir } from "./agent_process.ts";
import { connect, type Reply } from "./wire.ts";

const MODULE = "examples/rust/policy.wasm";
const CONFIGURATION = '{"keys":{"team-a":"s3cret"},"open":["/health"]}';

async function check(agent: AgentProcess, uri = "/"): Promise<void> {
  for (const version of [1, 2] as const) {
    using client = await connect(version, agent.socket);
    const blocked = await client.request({ uri });
    assertEquals(blocked.decision, {
      block: { status: 401, body: "A valid x-api-key is required\n", headers: { "www-authenticate": "ApiKey" } },
    });
    assertEquals(blocked.audit.tags, ["no-api-key"]);
    const allowed: Reply = await client.request({
      uri,
      headers: { "x-api-key": ["s3cret"], "x-api-client": ["forged"] },
    });
    assertEquals([allowed.decision, allowed.request_headers], ["allow", [
      { remove: { name: "x-api-client" } },
      { remove: { name: "x-api-key" } },
      { set: { name: "x-api-client", value: "team-a" } },
    ]]);
    assertEquals((await client.request({ uri: "/health?a" })).audit.tags, ["open"]);
    assertEquals((await client.response(200, { server: ["x"] })).response_headers, [
      { remove: { name: "server" } },
      { remove: { name: "x-powered-by" } },
    ]);
  }
}

Deno.test("agent runs a module of ABI 2 with its configuration on the event loop, also once instances are replaced", async () => {
  using dir = new TempDir();
  await using agent = await AgentProcess.start({
    socket: dir.at("a.sock"),
    module: MODULE,
    configuration: CONFIGURATION,
    options: ["--timeout-ms", "4000", "--max-requests-per-instance", "2"],
  });
  assertEquals(agent.logged("serving")[0]?.abi, "agent/2");
  await check(agent);
  await check(agent);
  assertEquals(agent.log.filter(({ level }) => level !== "INFO"), []);
  assertEquals(await agent.stop(), 0);
});

Deno.test("agent runs a module of ABI 2 with the configuration of a file in threads", async () => {
  using dir = new TempDir();
  // The module looks for the end of the path anew for each of them, which takes long for a long path.
  const open = ["/health", ...Array.from({ length: 5_000 }, (_, index) => `/${index}`)];
  const configuration = JSON.stringify({ ...JSON.parse(CONFIGURATION), open });
  const long = `/${"a".repeat(4_000)}`;
  await using agent = await AgentProcess.start({
    socket: dir.at("a.sock"),
    module: MODULE,
    configuration: dir.write("config.json", configuration),
    options: ["--timeout-ms", "4000"],
  });
  {
    using client = await connect(2, agent.socket);
    for (let call = 0; call < 20; call++) await client.request({ uri: long });
  }
  await agent.waitForLog("module needs threads: calls or starts of it are long");
  await check(agent, long);
  assertEquals(agent.log.filter(({ level }) => level !== "INFO"), []);
  assertEquals(await agent.stop(), 0);
});

Deno.test("agent does not start where the module refuses its configuration, and shows the module's reason", async () => {
  using dir = new TempDir();
  const { code, stderr } = await runAgent({
    socket: dir.at("a.sock"),
    module: MODULE,
    configuration: '{"keys":{"team-a":""}}',
  });
  assertEquals(code, 1);
  assertStringIncludes(stderr, 'the key of "team-a" must not be empty');
});

Deno.test("agent ends with 2 on a configuration that is no JSON", async () => {
  using dir = new TempDir();
  const { code, stderr } = await runAgent({ socket: dir.at("a.sock"), module: MODULE, configuration: "{" });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot read module configuration as it must be JSON");
});

Deno.test("agent warns of a configuration that its module never reads", async () => {
  using dir = new TempDir();
  const module = dir.write("m.wasm", await buildGuest("traps"));
  await using agent = await AgentProcess.start({
    socket: dir.at("a.sock"),
    module,
    configuration: CONFIGURATION,
  });
  assertEquals(agent.logged("configuration is never read").map(({ module, abi }) => [module, abi]), [
    ["m.wasm", "agent/1"],
  ]);
});
