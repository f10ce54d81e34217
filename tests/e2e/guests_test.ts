import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, runAgent, TempDir } from "./agent_process.ts";
import { connect, nextId, type Reply, type RequestHead, V2Client } from "./wire.ts";

// Far above what a busy machine adds to a call, so that only guests that never end meet it.
const PATIENT = ["--timeout-ms", "4000"];
const NAUGHTY: RequestHead = { uri: "/!" };
const LONG: RequestHead = { uri: "/", headers: { "x-long": ["a".repeat(4000)] } };

interface Misbehaviour {
  readonly guest: string;
  readonly code: string;
  /** Part of the cause that the log names. */
  readonly cause: string;
  readonly request?: RequestHead;
  readonly options?: readonly string[];
}

const MISBEHAVIOURS: readonly Misbehaviour[] = [
  { guest: "traps", code: "GUEST_TRAPPED", cause: "unreachable" },
  { guest: "spins_forever", code: "GUEST_DEADLINE", cause: "1500 ms", options: ["--timeout-ms", "1500"] },
  { guest: "recurses_without_end", code: "GUEST_STACK_OVERFLOW", cause: "call stack" },
  { guest: "result_out_of_bounds", code: "GUEST_OUT_OF_BOUNDS", cause: "37 bytes at 2147483392" },
  { guest: "result_wraps_around", code: "GUEST_OUT_OF_BOUNDS", cause: "53 bytes at 4294967280" },
  { guest: "result_empty", code: "GUEST_BAD_RESULT", cause: "received 0" },
  { guest: "result_too_large", code: "GUEST_BAD_RESULT", cause: "1 to 1048576 bytes: received 1048577" },
  { guest: "result_not_utf8", code: "GUEST_BAD_RESULT", cause: "UTF-8" },
  { guest: "result_not_json", code: "GUEST_BAD_RESULT", cause: "JSON" },
  { guest: "result_unknown_decision", code: "GUEST_BAD_RESULT", cause: '"alow"' },
  { guest: "result_splits_header", code: "GUEST_BAD_RESULT", cause: "CR, LF" },
  { guest: "alloc_answers_zero", code: "GUEST_ALLOC_FAILED", cause: '"alloc"', request: LONG },
  { guest: "alloc_out_of_bounds", code: "GUEST_OUT_OF_BOUNDS", cause: "memory from alloc", request: LONG },
  { guest: "exits", code: "GUEST_EXITED", cause: "proc_exit(3)" },
  { guest: "aborts", code: "GUEST_ABORTED", cause: "oh n" },
];

const ALLOWED: Pick<Reply, "decision"> & { readonly tags: readonly string[] } = { decision: "allow", tags: ["clean"] };

/** Clean calls before the first bad one: a module may run elsewhere once it has shown that it is quick. */
const WARM_UPS = [0, 1_200];

Deno.test.each(MISBEHAVIOURS)(
  "agent blocks with 500, logs once and serves on when a guest $guest",
  async ({ guest, code, cause, request = NAUGHTY, options = PATIENT }) => {
    using dir = new TempDir();
    const module = dir.write(`${guest}.wasm`, await buildGuest(guest));
    await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
    for (const warmUp of WARM_UPS) {
      for (const version of [1, 2] as const) {
        using client = await connect(version, agent.socket);
        for (let call = 0; call < warmUp; call++) await client.request({ uri: "/" });
        const id = nextId();
        const failed = await client.request(request, id);
        assertEquals(failed.decision, { block: { status: 500, body: "Internal Server Error", headers: null } });
        assertEquals(failed.audit.tags, ["wasm-error"]);
        const { decision, audit } = await client.request({ uri: "/clean" });
        assertEquals<typeof ALLOWED>({ decision, tags: audit.tags }, ALLOWED);
        await agent.waitForLog("module error", (line) => line.correlation_id === id);
        const errors = agent.log.filter((line) => line.correlation_id === id);
        assertEquals(errors.length, 1);
        const { level, phase, module: named, code: loggedCode, cause: loggedCause } = errors[0]!;
        assertEquals([level, phase, named, loggedCode], ["ERROR", "request_headers", `${guest}.wasm`, code]);
        assertStringIncludes(String(loggedCause), cause);
      }
    }
    assertEquals(agent.logged("module error").length, 2 * WARM_UPS.length);
    assertEquals(await agent.stop(), 0);
  },
);

Deno.test("agent holds a guest's memory at --max-memory, and replaces the instance that came near", async () => {
  using dir = new TempDir();
  const module = dir.write("grows.wasm", await buildGuest("grows_memory_to_the_limit"));
  const options = [...PATIENT, "--max-memory", "4", "--pool-size", "1"];
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
  using client = await V2Client.connect(agent.socket);
  for (let round = 0; round < 3; round++) {
    // The guest traps unless its memory ends at the limit's 64 pages.
    assertEquals((await client.request(NAUGHTY)).audit.tags, ["64 pages"]);
    assertEquals((await client.request({ uri: "/" })).audit.tags, ["clean"]);
  }
  assertEquals(agent.logged("module error"), []);
});

Deno.test("agent logs what a guest prints, escaped, with stream, module and correlation id", async () => {
  using dir = new TempDir();
  const module = dir.write("prints.wasm", await buildGuest("prints_lines"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT });
  using client = await V2Client.connect(agent.socket);
  const id = nextId();
  assertEquals((await client.request(NAUGHTY, id)).audit.tags, ["clean"]);
  await agent.waitForLog("to stderr");
  const printed = agent.log.filter((line) => line.correlation_id === id);
  assertEquals(printed.map(({ level, message, stream, module }) => ({ level, message, stream, module })), [
    { level: "INFO", message: "first line", stream: "stdout", module: "prints.wasm" },
    { level: "INFO", message: `second\\u{d}{"level":"ERROR"}`, stream: "stdout", module: "prints.wasm" },
    { level: "INFO", message: "to stderr", stream: "stderr", module: "prints.wasm" },
  ]);
});

Deno.test.each([
  { guest: "start_spins", cause: "within 300 ms" },
  { guest: "initialize_traps", cause: "unreachable" },
])("agent refuses to start with a guest that $guest, and leaves no socket", async ({ guest, cause }) => {
  using dir = new TempDir();
  const module = dir.write(`${guest}.wasm`, await buildGuest(guest));
  const { code, stderr } = await runAgent({
    socket: dir.at("a.sock"),
    module,
    options: ["--start-timeout-ms", "300"],
  });
  assertEquals(code, 1);
  assertMatch(
    stderr,
    new RegExp(`^sentinel-wasm-agent: Cannot start module "${guest}.wasm": .*${cause}.*\n(  at .+\n)+$`),
  );
  assertEquals([...Deno.readDirSync(dir.path)].map((entry) => entry.name), [`${guest}.wasm`]);
});

Deno.test("agent answers rightly when a module's calls are long, alone and side by side", async () => {
  using dir = new TempDir();
  const module = dir.write("counts.wasm", await buildGuest("counts_for_long"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT });
  using client = await V2Client.connect(agent.socket);
  // Quick ones first, so that the long ones come as a surprise.
  for (let call = 0; call < 1_200; call++) assertEquals((await client.request({ uri: "/" })).decision, "allow");
  for (let call = 0; call < 5; call++) assertEquals((await client.request(NAUGHTY)).audit.tags, ["clean"]);
  const clients = await Promise.all(Array.from({ length: 8 }, () => V2Client.connect(agent.socket)));
  const replies = await Promise.all(clients.map((each, index) => each.request({ uri: index % 2 === 0 ? "/" : "/!" })));
  for (const each of clients) each[Symbol.dispose]();
  assert(replies.every((reply) => reply.decision === "allow" && reply.audit.tags[0] === "clean"));
  assertEquals(agent.logged("module error"), []);
  assertEquals(await agent.stop(), 0);
});

Deno.test("agent ends what traps or spins in a thread too, and serves on", async () => {
  using dir = new TempDir();
  const module = dir.write("told.wasm", await buildGuest("does_as_told"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: ["--timeout-ms", "1500"] });
  using client = await V2Client.connect(agent.socket);
  // Long calls send a module to threads.
  for (let call = 0; call < 10; call++) assertEquals((await client.request({ uri: "/!l" })).decision, "allow");
  await agent.waitForLog("module needs threads: calls or starts of it are long");
  for (let round = 0; round < 2; round++) {
    for (const uri of ["/!t", "/!s"]) {
      assertEquals((await client.request({ uri })).audit.tags, ["wasm-error"]);
      assertEquals((await client.request({ uri: "/" })).audit.tags, ["clean"]);
      assertEquals((await client.request({ uri: "/!l" })).audit.tags, ["clean"]);
    }
  }
  assertEquals(
    agent.logged("module error").map((line) => line.code),
    ["GUEST_TRAPPED", "GUEST_DEADLINE", "GUEST_TRAPPED", "GUEST_DEADLINE"],
  );
  assertEquals(await agent.stop(), 0);
});

Deno.test.each<
  { readonly module: string; readonly allowed: RequestHead; readonly blocked: RequestHead; readonly status: number }
>([
  { module: EXAMPLE_MODULE, allowed: { uri: "/" }, blocked: { uri: "/?q=' or 1=1" }, status: 403 },
  {
    module: "examples/c/policy.wasm",
    allowed: { uri: "/", headers: { "user-agent": ["Firefox"] } },
    blocked: { uri: "/", headers: { "user-agent": ["GPTBot"] } },
    status: 403,
  },
  {
    module: "examples/go/policy.wasm",
    allowed: { uri: "/" },
    blocked: { uri: "/", headers: { authorization: ["Bearer a.b"] } },
    status: 401,
  },
])("agent runs $module over both protocols", async ({ module, allowed, blocked, status }) => {
  using dir = new TempDir();
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT });
  for (const version of [1, 2] as const) {
    using client = await connect(version, agent.socket);
    assertEquals((await client.request(allowed)).decision, "allow");
    const { decision } = await client.request(blocked);
    assert(typeof decision === "object" && "block" in decision);
    assertEquals(decision.block.status, status);
  }
  assertEquals(agent.logged("module error"), []);
});
