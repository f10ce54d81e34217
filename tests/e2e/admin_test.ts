import { assert, assertEquals, assertMatch } from "@std/assert";
import { sleep } from "../../src/sleep.ts";
import { buildGuest } from "../guests/build.ts";
import type { Family } from "../unit/ops/exposition_parser.ts";
import { AdminClient } from "./admin_client.ts";
import { AgentProcess, type AgentStart, TempDir } from "./agent_process.ts";
import { V1Client, V2Client } from "./wire.ts";

/** The sum of all values of a metric whose labels have these values. */
function sumOf(
  metrics: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const fits = metrics.get(name)?.samples.filter((sample) =>
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  );
  return fits?.reduce((sum, { value }) => sum + value, 0) ?? 0;
}

/** What Debian's `promtool` has against a text; undefined where there is none to ask. */
async function promtool(text: string): Promise<string | undefined> {
  try {
    const child = new Deno.Command("promtool", { args: ["check", "metrics"], stdin: "piped", stderr: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    const { code, stderr } = await child.output();
    return `${code} ${new TextDecoder().decode(stderr)}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Starts an agent whose guest does as it is told, with an admin endpoint. */
async function startTold(
  dir: TempDir,
  admin: string,
  more: Pick<AgentStart, "options" | "maxOpenFiles">,
): Promise<AgentProcess> {
  const module = dir.write("told.wasm", await buildGuest("does_as_told"));
  return await AgentProcess.start({ socket: dir.at("a.sock"), module, admin, ...more });
}

Deno.test("agent with --admin and two lanes adds up what both have counted, and tells of what fails", async () => {
  using dir = new TempDir();
  const admin = dir.at("admin.sock");
  await using agent = await startTold(dir, `unix:${admin}`, { options: ["--lanes", "2", "--timeout-ms", "4000"] });
  assertEquals(Deno.lstatSync(admin).mode! & 0o777, 0o660);
  using asking = new AdminClient(admin);
  assertEquals(await asking.get("/readyz"), { status: 200, text: "ready\n" });
  const connections = 40;
  await using stack = new AsyncDisposableStack();
  for (let index = 0; index < connections; index++) {
    const client = index % 2 === 0
      ? stack.use(await V1Client.connect(agent.socket))
      : stack.use(await V2Client.connect(agent.socket));
    await client.request({ uri: "/" });
    if (index < 4) await client.request({ uri: "/!t" });
  }
  const metrics = await asking.metrics();
  const sum = (name: string, labels?: Readonly<Record<string, string>>) =>
    sumOf(metrics, `sentinel_wasm_${name}`, labels);
  assertEquals(sum("connections"), connections);
  assertEquals(sum("connections_total"), connections);
  assertEquals(sum("requests_total", { phase: "request_headers" }), connections + 4);
  assertEquals(sum("requests_total", { protocol: "v1" }), connections / 2 + 2);
  assertEquals(sum("replies_total"), connections + 4);
  assertEquals(sum("event_duration_seconds_count"), 0);
  assertEquals(sum("lanes"), 2);
  assert(sum("errors_total") >= 4, "four calls have failed");
  assert(sum("instances_killed_total") >= 4, "four instances are dead");
  assert(sum("received_bytes_total") > 1_000 && sum("sent_bytes_total") > 1_000, "bytes have come and gone");
  assertMatch((await asking.get("/status")).text, /"slots":\[\{"place":"event_loop"/);
  const verdict = await promtool((await asking.get("/metrics")).text);
  if (verdict !== undefined) assertEquals(verdict, "0 ");
  // A reload takes what is there now, and nothing where that is no module.
  assertEquals((await asking.get("/reload", "POST")).status, 200);
  dir.write("told.wasm", "no module");
  const refused = await asking.get("/reload", "POST");
  assertEquals(refused.status, 422);
  assertMatch(refused.text, /"code":"MODULE_NOT_WASM"/);
  assertEquals(await asking.get("/readyz"), { status: 200, text: "ready\n" });
  const reloaded = await asking.metrics();
  for (const result of ["reloaded", "refused"]) {
    assertEquals(sumOf(reloaded, "sentinel_wasm_reloads_total", { asked_by: "admin", result }), 1);
  }
  assert(sumOf(reloaded, "sentinel_wasm_requests_total") >= connections + 4, "what was counted before a reload stays");
  assertEquals(await agent.stop(), 0);
  assertEquals([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["told.wasm"]);
});

Deno.test("agent with --admin says that it is not ready while it drains, and goes on telling of itself", async () => {
  using dir = new TempDir();
  const admin = dir.at("admin.sock");
  await using agent = await startTold(dir, `unix:${admin}`, { options: ["--timeout-ms", "9000"] });
  using asking = new AdminClient(admin);
  using client = await V2Client.connect(agent.socket);
  // It never ends by itself, so the drain goes on until it is asked to end at once.
  const answer = client.request({ uri: "/!s" }).catch(() => "cut");
  agent.kill("SIGTERM");
  await agent.waitForLog("draining");
  const { status, text } = await asking.get("/readyz");
  assertEquals([status, text.split("\n")[1]], [503, "draining: no new connections are taken"]);
  assertEquals((await asking.get("/healthz")).status, 200);
  assertEquals(sumOf(await asking.metrics(), "sentinel_wasm_ready"), 0);
  await sleep(600);
  assertEquals(await agent.stop(), 0);
  assertEquals(await answer, "cut");
});

Deno.test("an agent goes on when idle connections to its admin endpoint have taken all descriptors, and answers there again", async () => {
  using dir = new TempDir();
  const port = freePort();
  await using agent = await startTold(dir, `127.0.0.1:${port}`, { maxOpenFiles: 120 });
  using client = await V2Client.connect(agent.socket);
  const idle: Deno.Conn[] = [];
  try {
    while (agent.logged("admin endpoint failed").length === 0) {
      // Refused where the endpoint has failed already.
      const conn = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
      if (conn === undefined) await sleep(10);
      else idle.push(conn);
    }
  } finally {
    for (const conn of idle) conn.close();
  }
  assertEquals((await client.request({ uri: "/" })).decision, "allow");
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (await response?.text() === "alive\n") break;
    await sleep(10);
  }
  assertEquals(await agent.stop(), 0);
});

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
