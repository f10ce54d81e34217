import { assertEquals } from "@std/assert";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, TempDir } from "./agent_process.ts";
import { V1Client, V2Client } from "./wire.ts";

const PATIENT = ["--timeout-ms", "4000"];

/** A whole reply, field by field as it goes over the wire. */
function reply(version: number, decision: unknown, tags: readonly string[], custom: unknown): unknown {
  return {
    version,
    decision,
    request_headers: [],
    response_headers: [],
    routing_metadata: {},
    audit: { tags, rule_ids: [], confidence: null, reason_codes: [], custom },
    needs_more: false,
    request_body_mutation: null,
    response_body_mutation: null,
    websocket_decision: null,
  };
}

const BLOCK = { block: { status: 500, body: "Internal Server Error", headers: null } };

Deno.test.each([
  { name: "blocks without --fail-open", options: [], decision: BLOCK, tags: ["wasm-error"] },
  { name: "allows with --fail-open", options: ["--fail-open"], decision: "allow", tags: ["wasm-error", "fail-open"] },
])("agent $name on a module error, and sends no more than that", async ({ options, decision, tags }) => {
  using dir = new TempDir();
  const module = dir.write("traps.wasm", await buildGuest("traps"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: [...PATIENT, ...options] });
  using v1 = await V1Client.connect(agent.socket);
  assertEquals<unknown>(await v1.request({ uri: "/!" }, "one"), reply(1, decision, tags, {}));
  using v2 = await V2Client.connect(agent.socket);
  assertEquals<unknown>(await v2.request({ uri: "/!" }, "two"), reply(2, decision, tags, { correlation_id: "two" }));
  assertEquals((await v2.request({ uri: "/" })).decision, "allow");
  await agent.waitForLog("module error", (line) => line.correlation_id === "two");
  assertEquals(
    agent.logged("module error").map((
      { correlation_id, phase, module, code },
    ) => [correlation_id, phase, module, code]),
    [["one", "request_headers", "traps.wasm", "GUEST_TRAPPED"], [
      "two",
      "request_headers",
      "traps.wasm",
      "GUEST_TRAPPED",
    ]],
  );
});

Deno.test.each([
  { name: "blocks without --fail-open", options: [], decision: BLOCK, tags: ["wasm-error", "unreadable"] },
  {
    name: "allows with --fail-open",
    options: ["--fail-open"],
    decision: "allow",
    tags: ["wasm-error", "unreadable", "fail-open"],
  },
])("agent $name what it cannot understand, and keeps the connection", async ({ options, decision, tags }) => {
  using dir = new TempDir();
  const module = dir.write("traps.wasm", await buildGuest("traps"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: [...PATIENT, ...options] });
  using v1 = await V1Client.connect(agent.socket);
  assertEquals<unknown>(await v1.complete({ status: "200" }, "odd"), reply(1, decision, tags, {}));
  using v2 = await V2Client.connect(agent.socket);
  assertEquals<unknown>(
    await v2.complete({ status: "200" }, "odd"),
    reply(2, decision, tags, { correlation_id: "odd" }),
  );
  for (const client of [v1, v2]) assertEquals((await client.request({ uri: "/" })).decision, "allow");
  await agent.waitForLog("event not understood", (line) => line.code === "MESSAGE_BAD_FIELD");
  assertEquals(agent.logged("module error"), []);
});

Deno.test("agent takes sizes and durations of 64 bits, on both versions", async () => {
  using dir = new TempDir();
  const module = dir.write("traps.wasm", await buildGuest("traps"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT });
  // The largest below 2^64 that a number can be.
  const most = 2 ** 64 - 2048;
  for (const client of [await V1Client.connect(agent.socket), await V2Client.connect(agent.socket)]) {
    using response = client;
    const sizes = { duration_ms: most, request_body_size: most, response_body_size: most };
    assertEquals((await response.complete(sizes)).decision, "allow");
  }
});

Deno.test("agent allows what its module has no handler for, without asking it", async () => {
  using dir = new TempDir();
  const module = dir.write("traps.wasm", await buildGuest("traps"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT });
  for (const client of [await V1Client.connect(agent.socket), await V2Client.connect(agent.socket)]) {
    using response = client;
    assertEquals((await response.response(200, { "x-shout": ["!"] })).decision, "allow");
  }
  assertEquals(agent.logged("module error"), []);
});

Deno.test.each([
  { version: "0.6.45", decision: "block", fields: "a block for a release that fails on redirects" },
  { version: "0.6.54", decision: "redirect", fields: "a redirect for a release that honours them" },
])("agent sends a module's redirect as $fields", async ({ version, decision }) => {
  using dir = new TempDir();
  const module = dir.write("redirects.wasm", await buildGuest("redirects"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT });
  using client = await V2Client.connect(agent.socket, version);
  const reply = await client.request({ uri: "/!" });
  const url = "https://example.org/elsewhere";
  assertEquals<unknown>(
    reply.decision,
    decision === "redirect"
      ? { redirect: { url, status: 307 } }
      : { block: { status: 307, body: `Redirecting to ${url}`, headers: { location: url } } },
  );
});
