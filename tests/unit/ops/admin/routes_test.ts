import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Admin } from "../../../../src/ops/admin/mod.ts";
import type { AgentView } from "../../../../src/ops/admin/view.ts";
import { parseExposition } from "../exposition_parser.ts";
import { counted, outcome, pool, slot, view } from "./views.ts";

/** The answer to one request. */
async function ask(
  path: string,
  { agent = view(), method = "GET", headers = {} }: {
    readonly agent?: AgentView;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Response> {
  using admin = new Admin(agent, { unix: false, allowRemote: false, maxErrorPercent: 50 });
  return await admin.handle(
    new Request(`http://x${path}`, { method, headers: { host: "127.0.0.1:9464", ...headers } }),
  );
}

Deno.test("GET /metrics is text for Prometheus, with the figures of all lanes added up", async () => {
  const lanes = [{ figures: counted(3, 1), pools: [pool()] }, { figures: counted(4, 0), pools: [pool()] }];
  const response = await ask("/metrics", { agent: view({ lanes }) });
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const families = parseExposition(await response.text());
  const values = (name: string) => families.get(name)?.samples.map(({ value }) => value);
  const labels = (name: string) => families.get(name)?.samples.map(({ labels }) => Object.values(labels).join());
  assertEquals(values("sentinel_wasm_replies_total"), [7]);
  assertEquals(values("sentinel_wasm_lanes"), [2]);
  assertEquals(values("sentinel_wasm_ready"), [1]);
  assertEquals(labels("sentinel_wasm_instances"), ["m.wasm,event_loop,idle", "m.wasm,thread,working"]);
  assertEquals(values("sentinel_wasm_instances"), [2, 2]);
  assertEquals(labels("sentinel_wasm_instance_memory_bytes"), [
    "m.wasm,0,event_loop,0",
    "m.wasm,0,thread,1",
    "m.wasm,1,event_loop,0",
    "m.wasm,1,thread,1",
  ]);
  assertEquals(values("sentinel_wasm_instance_memory_limit_bytes"), [1_048_576]);
  assertEquals(values("sentinel_wasm_calls_waiting"), [2, 4]);
  assertEquals(values("sentinel_wasm_calls_waiting_limit"), [20]);
  assertEquals(labels("sentinel_wasm_module_info"), ["m.wasm,ab,agent/2"]);
  assertEquals(labels("sentinel_wasm_build_info"), [`1.2.3,${Deno.version.deno},${Deno.version.v8}`]);
});

Deno.test("GET /healthz is 200 even where /readyz is 503, which says why", async () => {
  const agent = view({
    stage: "draining",
    lanes: [{ figures: [], pools: [pool({ slots: [slot({ state: "renewing" })] })] }],
  });
  assertEquals((await ask("/healthz", { agent })).status, 200);
  const response = await ask("/readyz", { agent });
  assertEquals(response.status, 503);
  assertEquals(
    await response.text(),
    'not ready\ndraining: no new connections are taken\nmodule "m.wasm" has no instance\n',
  );
});

Deno.test("GET /readyz is 200 where all is well", async () => {
  const response = await ask("/readyz");
  assertEquals([response.status, await response.text()], [200, "ready\n"]);
});

Deno.test("GET /status tells of modules, pools and errors, with what to do about each", async () => {
  const agent = view({ lanes: [{ figures: counted(3, 2), pools: [pool()] }] });
  const response = await ask("/status", { agent });
  assertEquals(response.headers.get("content-type"), "application/json");
  const status = await response.json();
  assertEquals([status.ready, status.can_reload, status.totals.replies], [true, false, 3]);
  assertEquals(status.modules[0].errors, { GUEST_TRAPPED: 2 });
  assertEquals(status.pools[0].slots[1], {
    place: "thread",
    state: "working",
    phase: "request_headers",
    for_ms: 12,
    calls: 7,
    memory_bytes: 65_536,
    age_s: 3,
  });
  assertEquals([status.errors[0].code, status.errors[0].count], ["GUEST_TRAPPED", 2]);
  assertStringIncludes(status.errors[0].when, "trapped");
});

Deno.test("GET /status says what came of the last reload", async () => {
  const { last_reload: none } = await (await ask("/status")).json();
  assertEquals(none, undefined);
  const response = await ask("/status", { agent: view({ lastReload: () => outcome("no such file") }) });
  const { last_reload: { reloaded, error, asked_by, at, took_ms } } = await response.json();
  assertEquals([reloaded, error, asked_by, at, took_ms], [false, "no such file", "admin", 1_000, 12]);
});

Deno.test("GET /status and POST /reload tell each mistake of a configuration file that was refused", async () => {
  const trace = ["agent.toml:3:1: Cannot ...", "agent.toml:4:1: Cannot ..."];
  const refused = { ...outcome(), error: { code: "CONFIG_INVALID", cause: "received 2 mistakes", trace } };
  const agent = view({ lastReload: () => refused, reload: () => Promise.resolve(refused) });
  const told = await (await ask("/reload", { method: "POST", agent })).json();
  const { last_reload } = await (await ask("/status", { agent })).json();
  assertEquals([told.trace, last_reload.trace], [trace, trace]);
});

Deno.test("GET / is a page that may load nothing from elsewhere", async () => {
  const response = await ask("/");
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
  const policy = response.headers.get("content-security-policy") ?? "";
  assertStringIncludes(policy, "default-src 'none'");
  assert(!/https?:|unsafe|\*/.test(policy), policy);
});

Deno.test("POST /reload says that it cannot, that all is well, or why not", async () => {
  const reloading = (error?: string) => view({ reload: () => Promise.resolve(outcome(error)) });
  assertEquals((await ask("/reload", { method: "POST" })).status, 501);
  assertEquals((await ask("/reload", { method: "POST", agent: reloading() })).status, 200);
  const refused = await ask("/reload", { method: "POST", agent: reloading("no such file") });
  const { reloaded, code, error, need_restart } = await refused.json();
  assertEquals(refused.status, 422);
  assertEquals({ reloaded, code, error, need_restart }, {
    reloaded: false,
    code: "MODULE_UNREADABLE",
    error: "no such file",
    need_restart: ["lanes"],
  });
});

Deno.test("POST /reload of another site reloads nothing", async () => {
  let reloads = 0;
  const agent = view({ reload: () => Promise.resolve(outcome(`${++reloads}`)) });
  const headers = { "sec-fetch-site": "cross-site" };
  assertEquals((await ask("/reload", { method: "POST", agent, headers })).status, 403);
  assertEquals(reloads, 0);
});

Deno.test.each([
  { method: "GET", path: "/reload", status: 405, allow: "POST" },
  { method: "POST", path: "/metrics", status: 405, allow: "GET, HEAD" },
  { method: "DELETE", path: "/", status: 405, allow: "GET, HEAD" },
  { method: "HEAD", path: "/metrics", status: 200, allow: null },
  { method: "GET", path: "/metrics/", status: 404, allow: null },
  { method: "GET", path: "/constructor", status: 404, allow: null },
  { method: "GET", path: "/metrics?x=1", status: 200, allow: null },
])("$method $path is $status", async ({ method, path, status, allow }) => {
  const response = await ask(path, { method });
  assertEquals([response.status, response.headers.get("allow")], [status, allow]);
});

Deno.test("no answer may be kept, framed or taken for something else", async () => {
  for (const path of ["/", "/metrics", "/status", "/healthz", "/nothing"]) {
    const { headers } = await ask(path);
    assertEquals([headers.get("cache-control"), headers.get("x-content-type-options")], ["no-store", "nosniff"], path);
    assertStringIncludes(headers.get("content-security-policy") ?? "", "frame-ancestors 'none'");
  }
});

Deno.test("whoever asks while others wait has no event loop asked again", async () => {
  let asked = 0;
  const agent: AgentView = { ...view(), reports: () => Promise.resolve((asked++, [])) };
  using admin = new Admin(agent, { unix: true, allowRemote: false, maxErrorPercent: 50 });
  await Promise.all(Array.from({ length: 50 }, () => admin.handle(new Request("http://x/metrics"))));
  assertEquals(asked, 1);
});
