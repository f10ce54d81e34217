import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { ConfigError } from "../../../src/errors.ts";
import { engineFlags } from "../../../tools/engine_flags.ts";
import { planStart } from "../../../tools/start_plan.ts";

const ROOT = fromFileUrl(new URL("../../../", import.meta.url));
const EXAMPLE = join(ROOT, "examples/rust-security/rust_security.wasm");
const DEFAULT_SOCKET = "/tmp/sentinel-wasm.sock";

/** What of a plan depends on what is asked for. */
function planned(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const plan = planStart(words, (name) => env[name], "/srv/site");
  const main = plan.indexOf(join(ROOT, "main.ts"));
  const granted = (kind: string) =>
    plan.find((word) => word.startsWith(`--allow-${kind}=`))?.slice(`--allow-${kind}=`.length).split(",") ?? [];
  return {
    read: granted("read").filter((path) => !path.startsWith(ROOT) || path === EXAMPLE),
    write: granted("write"),
    net: granted("net"),
    engine: plan.filter((word) => word.startsWith("--v8-flags=")),
    agent: plan.slice(main + 1),
  };
}

interface Case {
  readonly name: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly module: string;
  readonly socket?: string;
  readonly agent: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "nothing", words: [], module: EXAMPLE, agent: [`--module=${EXAMPLE}`] },
  { name: "a word", words: ["policy.wasm"], module: "/srv/site/policy.wasm", agent: ["--module=policy.wasm"] },
  {
    name: "a word behind an option",
    words: ["--socket", "../a.sock", "-v", "--", "policy.wasm"],
    module: "/srv/site/policy.wasm",
    socket: "/srv/a.sock",
    agent: ["--socket=../a.sock", "--module=policy.wasm", "--verbose"],
  },
  { name: "--module", words: ["--module", "/m.wasm"], module: "/m.wasm", agent: ["--module=/m.wasm"] },
  {
    name: "variables",
    words: [],
    env: { WASM_MODULE: "m.wasm", AGENT_SOCKET: "a.sock" },
    module: "/srv/site/m.wasm",
    socket: "/srv/site/a.sock",
    agent: ["--module=m.wasm"],
  },
  {
    name: "variables that flags overrule",
    words: ["--module=x.wasm", "--socket=/x.sock"],
    env: { WASM_MODULE: "m.wasm", AGENT_SOCKET: "a.sock" },
    module: "/srv/site/x.wasm",
    socket: "/x.sock",
    agent: ["--socket=/x.sock", "--module=x.wasm"],
  },
  {
    name: "empty variables",
    words: [],
    env: { WASM_MODULE: "", AGENT_SOCKET: "" },
    module: EXAMPLE,
    agent: [`--module=${EXAMPLE}`],
  },
];

for (const { name, words, env, module, socket = DEFAULT_SOCKET, agent } of CASES) {
  Deno.test(`planStart() grants module and socket of ${name}, and nothing besides`, () => {
    const files = [socket, `${socket}.lock`];
    const { read, write, net, agent: got } = planned(words, env);
    assertEquals({ read, write, net }, { read: [module, ...files], write: files, net: [`unix:${socket}`] });
    assertEquals(got.toSorted(), agent.toSorted());
  });
}

Deno.test("planStart() grants the file of a configuration, and none for a configuration that is text", () => {
  const files = ["/srv/site/m.wasm", DEFAULT_SOCKET, `${DEFAULT_SOCKET}.lock`];
  const words = ["m.wasm", "--module-config"];
  assertEquals(planned([...words, '{"a":1,"b":2}']).read, files);
  assertEquals(planned([...words, "c.json"]).read, ["/srv/site/m.wasm", "/srv/site/c.json", ...files.slice(1)]);
  assertEquals(planned(["m.wasm"], { WASM_MODULE_CONFIG: "/c.json" }).read.includes("/c.json"), true);
});

Deno.test("planStart() grants the admin endpoint's address, and the files of its socket", () => {
  const socket = [DEFAULT_SOCKET, `${DEFAULT_SOCKET}.lock`];
  const tcp = planned(["m.wasm", "--admin", "[::1]:9464"]);
  assertEquals([tcp.net, tcp.write], [[`unix:${DEFAULT_SOCKET}`, "[::1]:9464"], socket]);
  const unix = planned(["m.wasm"], { AGENT_ADMIN: "unix:b.sock" });
  const files = [...socket, "/srv/site/b.sock", "/srv/site/b.sock.lock"];
  assertEquals([unix.net, unix.write], [[`unix:${DEFAULT_SOCKET}`, "unix:/srv/site/b.sock"], files]);
});

Deno.test("planStart() does without the optimiser on --no-optimiser, wherever it stands", () => {
  assertEquals(planned(["m.wasm"]).engine, [engineFlags()]);
  for (const words of [["--no-optimiser", "m.wasm"], ["m.wasm", "--no-optimiser"]]) {
    const { engine, agent } = planned(words);
    assertEquals([engine, agent], [[`${engineFlags()},--liftoff-only`], ["--module=m.wasm"]]);
  }
});

Deno.test("planStart() has a thread read no more than it asks for", () => {
  for (const words of [["m.wasm"], ["--help"], ["try"], ["invoke", "m.wasm"], ["help"]]) {
    const flags = planStart(words, () => undefined, "/srv/site");
    assert(flags.includes("--unstable-lazy-dynamic-imports"), words.join(" "));
  }
});

Deno.test("planStart() grants nothing but the program's own files for --help and --version", () => {
  for (const word of ["--help", "--version"]) {
    assertEquals(planned([word]), { read: [], write: [], net: [], engine: [], agent: [word] });
  }
});

Deno.test("planStart() grants try the socket that it is told, or that of the environment", () => {
  const words = ["try", "--uri", "/a b", "--socket", "a.sock"];
  const { write, net, agent } = planned(words);
  assertEquals({ write, net, agent }, { write: ["/srv/site/a.sock"], net: ["unix:/srv/site/a.sock"], agent: words });
  assertEquals(planned(["try"], { AGENT_SOCKET: "/b.sock" }).write, ["/b.sock"]);
  assertEquals(planned(["try"]).write, [DEFAULT_SOCKET]);
});

Deno.test("planStart() grants invoke the files that it names, and no socket", () => {
  const words = ["invoke", "m.wasm", "--config", "c.json", "--event=/e.json", "--uri", "/a b"];
  const { read, write, net, engine, agent } = planned(words);
  assertEquals({ read, write, net, engine, agent }, {
    read: ["/srv/site/m.wasm", "/srv/site/c.json", "/e.json"],
    write: [],
    net: [],
    engine: [engineFlags()],
    agent: words,
  });
  assertEquals(planned(["invoke", "m.wasm", "--event", "-", '--config={"a":1}']).read, ["/srv/site/m.wasm"]);
  assertEquals(planned(["invoke"], { WASM_MODULE: "x.wasm" }).read, ["/srv/site/x.wasm"]);
});

Deno.test("planStart() grants commands without files nothing but the program's own", () => {
  for (const words of [["help", "invoke"], ["completions", "bash"], ["invoke", "--help"]]) {
    const { read, write, net } = planned(words);
    assertEquals({ read, write, net }, { read: [], write: [], net: [] }, words.join(" "));
  }
});

for (
  const { words, code } of [
    { words: ["a.wasm", "b.wasm"], code: "USAGE_TWICE" },
    { words: ["a.wasm", "--module=b.wasm"], code: "USAGE_TWICE" },
    { words: ["--bogus"], code: "USAGE_UNKNOWN_OPTION" },
    { words: ["--pool-size=0"], code: "USAGE_BAD_VALUE" },
    { words: ["a,b.wasm"], code: "USAGE_BAD_VALUE" },
    { words: ["--socket", "/a,b.sock"], code: "USAGE_BAD_VALUE" },
    { words: ["try", "--module", "x"], code: "USAGE_UNKNOWN_OPTION" },
    { words: ["invoke", "a,b.wasm"], code: "USAGE_BAD_VALUE" },
    { words: ["invoke"], code: "USAGE_MISSING_OPTION" },
  ]
) {
  Deno.test(`planStart() refuses ${words.join(" ")}`, () => {
    assertEquals(assertThrows(() => planned(words), ConfigError).code, code);
  });
}
