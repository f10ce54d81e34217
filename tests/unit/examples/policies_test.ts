/** What the cases of the examples cannot say: configurations, what is printed, memory. */

import { assert, assertEquals } from "@std/assert";
import { readCases } from "./cases.ts";
import { EXAMPLES } from "./examples.ts";
import { GuestHost, NOW_MS } from "./guest_host.ts";

const load = (example: string) => {
  const { name, module } = EXAMPLES.find(({ name }) => name === example) ?? { name: example, module: "policy.wasm" };
  return GuestHost.load(`${name}/${module}`);
};

Deno.test.each([...EXAMPLES])("examples/$name says its ABI version", ({ name }) => {
  assertEquals(load(name).abiVersion, ["wat", "rust-security"].includes(name) ? 1 : 2);
});

const refused = [
  { example: "rust", config: { keys: { a: "" } }, error: 'the key of "a" must not be empty' },
  { example: "rust", config: { key: {} }, error: "unknown field `key`" },
  { example: "rust", config: { keys: ["a"] }, error: "invalid type" },
  { example: "go", config: { leeway_seconds: -1 }, error: "leeway_seconds must not be negative: received -1" },
  { example: "go", config: { audiences: "a" }, error: 'json: unknown field "audiences"' },
  { example: "go", config: { audience: 1 }, error: "json: cannot unmarshal" },
  { example: "c-wasi", config: { tenants: [""] }, error: "a tenant must be a text" },
  { example: "c-wasi", config: { tenants: ["a", "B"] }, error: "a tenant must be a text" },
  { example: "c-wasi", config: { tenants: ["a", 1] }, error: "a tenant must be a text" },
  { example: "c-wasi", config: { tenants: ["a".repeat(64)] }, error: "a tenant must be a text" },
  { example: "assemblyscript", config: { percent: 101 }, error: '"percent" must be 0 to 100: received 101' },
  { example: "assemblyscript", config: { percent: -1 }, error: '"percent" must be 0 to 100: received -1' },
  { example: "assemblyscript", config: { percent: null }, error: '"percent" must be 0 to 100: received null' },
  { example: "assemblyscript", config: { cookie: "a b" }, error: '"cookie" must be of letters' },
  { example: "assemblyscript", config: { cookie: "" }, error: '"cookie" must be of letters' },
  { example: "assemblyscript", config: [], error: "the configuration must be an object" },
  { example: "zig", config: { removed: [] }, error: "UnknownField" },
  { example: "zig", config: { remove: "server" }, error: "UnexpectedToken" },
  { example: "zig", config: { replace: { "": "x" } }, error: "what is to be replaced must not be empty" },
];

Deno.test.each(refused)("examples/$example refuses $config, and keeps the configuration that it has", (row) => {
  const host = load(row.example);
  const { config, cases } = readCases(row.example);
  assertEquals(host.configure(config), undefined);
  const answers = () => cases.map(({ handler, event }) => host.ask(handler, event));
  const before = answers();
  assertEquals(host.configure(row.config)?.slice(0, row.error.length), row.error);
  assertEquals(answers(), before);
});

const taken = [
  { example: "rust", config: {} },
  { example: "go", config: { leeway_seconds: 0 } },
  { example: "c-wasi", config: {} },
  { example: "c-wasi", config: { tenants: ["a".repeat(63)] } },
  { example: "assemblyscript", config: { percent: 0 } },
  { example: "assemblyscript", config: { percent: 100 } },
  { example: "assemblyscript", config: { percent: "10" } },
  { example: "zig", config: {} },
];

Deno.test.each(taken)("examples/$example takes $config", ({ example, config }) => {
  assertEquals(load(example).configure(config), undefined);
});

Deno.test.each([
  { percent: 0, variants: ["a"] },
  { percent: 100, variants: ["b"] },
  { percent: 50, variants: ["a", "b"] },
])("examples/assemblyscript gives $percent % of new visitors B", ({ percent, variants }) => {
  const host = load("assemblyscript");
  host.configure({ percent });
  const given = Array.from({ length: 200 }, (_, visitor) => {
    return host.ask("on_request_headers", { client_ip: `192.0.2.${visitor}` }).set_request_headers?.["x-variant"];
  });
  assertEquals([...new Set(given)].toSorted(), [...variants]);
});

Deno.test("examples/go takes what a new configuration leaves out as by default", () => {
  const host = load("go");
  host.configure({ required: true });
  assertEquals(host.request("/").tags, ["no-token"]);
  host.configure({});
  assertEquals(host.request("/").tags, ["anonymous"]);
});

Deno.test.each([
  { past: 3_540, tags: ["token"] },
  { past: 3_660, tags: ["bad-token"] },
])("examples/go lets the clocks differ by the leeway, 3600 s: $past s after expiry", ({ past, tags }) => {
  const host = load("go");
  host.configure({ leeway_seconds: 3600 });
  const claims = btoa(JSON.stringify({ exp: NOW_MS / 1000 - past })).replace(/=+$/, "");
  assertEquals(host.request("/", { authorization: `Bearer e30.${claims}.c2ln` }).tags, [...tags]);
});

Deno.test("examples/c-wasi prints a line for a host of no tenant, and none for others", () => {
  const host = load("c-wasi");
  host.configure({ tenants: ["a"] });
  host.request("/", { host: "a.example.com" });
  host.request("/", { host: 'b"\nforged' });
  host.request("/");
  assertEquals(host.stdout.slice(0, 1), ['no tenant for the host b"']);
  assertEquals(host.stdout.at(-1), "no tenant for the host ");
});

Deno.test("examples/c has room for one input of 128 KiB at a time", () => {
  const { exports } = load("c");
  assertEquals([exports.alloc(0), exports.alloc(-1), exports.alloc(131_073)], [0, 0, 0]);
  const pointer = exports.alloc(131_072);
  assert(pointer !== 0);
  assertEquals(exports.alloc(1), 0);
  exports.dealloc(pointer, 131_072);
  assertEquals(exports.alloc(1), pointer);
});

Deno.test("examples/c finds a bot behind 60,000 characters that JSON escapes", () => {
  const host = load("c");
  assertEquals(host.request("/", { "user-agent": '"'.repeat(60_000) + "GPTBot" }).tags, ["bot"]);
});

Deno.test.each([...EXAMPLES])("examples/$name settles its memory over many calls and configurations", ({ name }) => {
  const host = load(name);
  const { config, cases } = readCases(name);
  const run = (rounds: number) => {
    for (let round = 0; round < rounds; round++) {
      if (config !== undefined) host.configure(config);
      for (const { handler, event } of cases) host.ask(handler, event);
    }
  };
  run(500);
  const before = host.memoryBytes;
  run(1_000);
  // A collector's heap may still find its size: a page a hundred rounds is no leak of a call's block.
  assert(host.memoryBytes - before <= 8 * 65_536, `grew from ${before} to ${host.memoryBytes} bytes`);
});
