import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { AgentProcess, EXAMPLE_MODULE, ROOT, TempDir } from "../e2e/agent_process.ts";
import { checkConfig, type Echo } from "./proxy_process.ts";
import { PATIENT, seen, Stack } from "./stack.ts";

const HARDENED = {
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "strict-origin-when-cross-origin",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

const ATTACK = "/search?q=1'%20or%20'1'='1";

Deno.test("zentinel accepts examples/zentinel.kdl as it stands", async () => {
  const { code, output } = await checkConfig(`${ROOT}examples/zentinel.kdl`);
  assertEquals(code, 0, output);
  assertStringIncludes(output, "test is successful");
});

Deno.test("agents that take over from one another lose no request of the proxy's, which keeps its connection", async () => {
  await using stack = await Stack.start({ takeOver: true });
  const statuses: number[] = [];
  let over = false;
  const asking = (async () => {
    while (!over) statuses.push((await seen(await stack.fetch("/"))).status);
  })();
  const start = () =>
    AgentProcess.start({ socket: stack.agent.socket, module: EXAMPLE_MODULE, options: PATIENT, takeOver: true });
  await using second = await start();
  await stack.agent.waitForLog("handing over");
  await using _third = await start();
  assertEquals(await second.ended(), 0);
  over = true;
  await asking;
  assertEquals(statuses, statuses.map(() => 200));
  assertEquals((await seen(await stack.fetch(ATTACK))).status, 403);
});

Deno.test("zentinel accepts the configuration in deploy/kubernetes.yaml as it stands", async () => {
  using dir = new TempDir();
  const manifest = Deno.readTextFileSync(`${ROOT}deploy/kubernetes.yaml`);
  const [, indented] = /zentinel\.kdl: \|\n([^]*?)\n---/.exec(manifest) ?? [];
  assert(indented !== undefined);
  // The proxy wants the socket's folder to be there.
  const text = indented.replaceAll(/^ {4}/gm, "").replace("/run/sentinel/", dir.at(""));
  const { code, output } = await checkConfig(dir.write("zentinel.kdl", text));
  assertEquals(code, 0, output);
});

Deno.test("a request passes with headers changed both ways", async () => {
  await using stack = await Stack.start();
  const response = await stack.fetch("/hello?page=2", { "x-debug": "1", "x-other": "2" });
  assertEquals(response.status, 200);
  const { headers } = response;
  assertEquals(Object.fromEntries(Object.keys(HARDENED).map((name) => [name, headers.get(name) ?? ""])), HARDENED);
  assertEquals([headers.get("server"), headers.get("x-powered-by"), headers.get("x-kept")], [null, null, "yes"]);
  const echo: Echo = await response.json();
  assertEquals([echo.method, echo.path], ["GET", "/hello?page=2"]);
  assertEquals(
    ["x-wasm-agent", "x-debug", "x-other"].map((name) => echo.headers[name]),
    ["rust-security", undefined, "2"],
  );
  assertEquals(stack.agent.logged("module error"), []);
});

Deno.test.each([
  { name: "SQL injection", path: ATTACK, status: 403, body: "Blocked: SQL injection" },
  { name: "path traversal", path: "/files?name=../../etc/passwd", status: 403, body: "Blocked: path traversal" },
  { name: "no authorization", path: "/admin/users", status: 401, body: "Authentication required" },
])("a request with $name is blocked before the upstream sees it", async ({ path, status, body }) => {
  await using stack = await Stack.start();
  assertEquals(await seen(await stack.fetch(path)), { status, body });
  assertEquals(stack.upstream.requests, 0);
  assertEquals((await seen(await stack.fetch("/"))).status, 200);
});

Deno.test("a redirect reaches the client as its status and a text that names the target", async () => {
  await using stack = await Stack.start({ module: "redirects" });
  const response = await stack.fetch("/!");
  // Where the proxy starts to honour redirects or the headers of a block, there is a location too.
  assertEquals(await seen(response), { status: 307, body: "Redirecting to https://example.org/elsewhere" });
  assertEquals(stack.upstream.requests, 0);
});

Deno.test.each([
  { name: "closed", options: PATIENT, status: 500, reached: 0 },
  { name: "open", options: [...PATIENT, "--fail-open"], status: 200, reached: 1 },
])("a module error under fail $name gives $status, and the next request its right answer", async (row) => {
  await using stack = await Stack.start({ module: "traps", options: row.options });
  const failed = await seen(await stack.fetch("/!"));
  assertEquals(failed.status, row.status);
  if (row.status === 500) assertEquals(failed.body, "Internal Server Error");
  assertEquals(stack.upstream.requests, row.reached);
  assertEquals((await seen(await stack.fetch("/"))).status, 200);
  await stack.agent.waitForLog("module error");
  assertEquals(stack.agent.logged("module error").length, 1);
});

Deno.test("a module that never ends blocks its request, and others pass meanwhile", async () => {
  await using stack = await Stack.start({ module: "spins_forever", options: ["--timeout-ms", "1500"] });
  const answers = await Promise.all(["/!", "/", "/2", "/3"].map(async (path) => await seen(await stack.fetch(path))));
  assertEquals(answers.map((answer) => answer.status), [500, 200, 200, 200]);
  await stack.agent.waitForLog("module error");
  assertEquals(stack.agent.logged("module error").map((line) => line.code), ["GUEST_DEADLINE"]);
});

Deno.test("16 clients at once for 10 s each get their own answer", async (test) => {
  const LASTING_MS = 10_000;
  await using stack = await Stack.start();
  const until = performance.now() + LASTING_MS;
  const counts = { allowed: 0, blocked: 0 };
  await Promise.all(Array.from({ length: 16 }, async (_, client) => {
    for (let round = 0; performance.now() < until; round++) {
      const path = `/c${client}/r${round}`;
      if ((client + round) % 3 === 0) {
        assertEquals(await seen(await stack.fetch(`${path}?q=1'%20or%20'1'='1`)), {
          status: 403,
          body: "Blocked: SQL injection",
        });
        counts.blocked++;
      } else {
        const response = await stack.fetch(path, { "x-debug": "1" });
        const echo: Echo = await response.json();
        assertEquals(
          [response.status, response.headers.get("x-frame-options"), echo.path, echo.headers["x-wasm-agent"]],
          [200, "DENY", path, "rust-security"],
        );
        assertEquals(echo.headers["x-debug"], undefined);
        counts.allowed++;
      }
    }
  }));
  console.log(`${test.name}: ${counts.allowed} allowed, ${counts.blocked} blocked`);
  assertGreater(counts.blocked, 16);
  assertEquals(stack.upstream.requests, counts.allowed);
  assertEquals(stack.agent.log.filter((line) => line.level !== "INFO"), []);
});

Deno.test.each<{ mode: string; replace: Readonly<Record<string, string>>; passes: boolean }>([
  { mode: "closed", replace: {}, passes: false },
  { mode: "open", replace: { 'failure-mode "closed"': 'failure-mode "open"' }, passes: true },
])(
  "a proxy whose agent was killed fails $mode",
  async ({ replace, passes }) => {
    // The proxy waits this long for an agent that is gone.
    await using stack = await Stack.start({ replace: { ...replace, "timeout-ms 50 ": "timeout-ms 500 " } });
    assertEquals((await seen(await stack.fetch("/"))).status, 200);
    stack.agent.kill("SIGKILL");
    await stack.agent.ended();
    const before = stack.upstream.requests;
    for (let round = 0; round < 3; round++) {
      const { status } = await seen(await stack.fetch(ATTACK));
      assertEquals(passes ? status === 200 : status >= 500, true, `received ${status}`);
    }
    assertEquals(stack.upstream.requests - before, passes ? 3 : 0);
  },
);

Deno.test("an agent that is restarted serves again or is counted as failed, and nothing passes it by", async () => {
  await using stack = await Stack.start({ replace: { "timeout-ms 50 ": "timeout-ms 500 " } });
  assertEquals((await seen(await stack.fetch("/"))).status, 200);
  await stack.agent.stop();
  await using again = await AgentProcess.start({
    socket: stack.agent.socket,
    module: EXAMPLE_MODULE,
    options: PATIENT,
  });
  const before = stack.upstream.requests;
  let allowed = 0;
  for (let round = 0; round < 6; round++) {
    const attack = await seen(await stack.fetch(ATTACK));
    assert(attack.status === 403 || attack.status >= 500, `received ${attack.status}`);
    const response = await stack.fetch("/");
    if (response.status === 200) {
      assertEquals(response.headers.get("x-frame-options"), "DENY");
      allowed++;
    }
    await response.body?.cancel();
  }
  assertEquals(stack.upstream.requests - before, allowed);
  assertEquals(again.logged("module error"), []);
});

const MIB = 1024 * 1024;

/** Bytes in which no two places look alike. */
function patterned(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 2_654_435_761 >>> 11) & 0xff);
}

function inChunks(bytes: Uint8Array<ArrayBuffer>, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
}

Deno.test.each([
  { name: "no bytes", length: 0, chunk: 0 },
  { name: "10 bytes", length: 10, chunk: 0 },
  { name: "1,000 bytes in chunks", length: 1000, chunk: 100 },
  { name: "1 MiB", length: MIB, chunk: 0 },
  { name: "1 MiB in chunks", length: MIB, chunk: 10_000 },
])("a response of $name stays whole when its body goes to the agent too", async ({ length, chunk }) => {
  const bytes = patterned(length);
  await using stack = await Stack.start({
    options: [...PATIENT, "--verbose"],
    replace: { '"response_headers"': '"response_headers" "response_body"' },
    respond: () => new Response(chunk === 0 ? bytes : inChunks(bytes, chunk)),
  });
  const response = await stack.fetch("/download");
  assertEquals(response.status, 200);
  const received = await response.bytes();
  assertEquals(received.length, length);
  assert(received.every((byte, index) => byte === bytes[index]));
  // The proxy gathers the body and sends it as one chunk.
  const lastPhase = length === 0 ? "response_headers" : "response_body";
  await stack.agent.waitForLog("decided", (line) => line.phase === lastPhase);
  const phases = stack.agent.logged("decided").map((line) => line.phase);
  assertEquals(phases.filter((phase) => phase === "response_body").length, length === 0 ? 0 : 1);
});

Deno.test("a response body too large to be given back costs only itself", async () => {
  // In base64 it fits into an event of 16 MiB, but not into a reply.
  const bytes = patterned(12 * MIB - 100);
  await using stack = await Stack.start({
    replace: {
      '"response_headers"': '"response_headers" "response_body"',
      "timeout-ms 50 ": "timeout-ms 5000; max-response-body-bytes 20000000; ",
    },
    respond: (request) => request.url.endsWith("/large") ? new Response(bytes) : new Response("small"),
  });
  await stack.fetch("/large").then((response) => response.bytes()).catch(() => {});
  // More than the proxy has connections: each must still be in use.
  for (let round = 0; round < 8; round++) {
    assertEquals(await seen(await stack.fetch("/small")), { status: 200, body: "small" });
  }
});
