import { assertEquals, assertRejects } from "@std/assert";
import { configSchema } from "../../../src/cli/config_schema.ts";
import { type AgentConfig, checkConfig, readConfig } from "../../../src/config/mod.ts";
import { ConfigError } from "../../../src/errors.ts";
import { agentConfig, GIVEN } from "./configs.ts";

/** Whatever the options' values are called, none of them was given. */
const OPTIONS = { ...GIVEN, module: "" };

/** Checks a text as a file of a folder of its own. */
async function checked(text: string, { said = [], name = "agent.toml" }: { said?: string[]; name?: string } = {}) {
  const folder = await Deno.makeTempDir({ prefix: "agent-" });
  try {
    const path = `${folder}/${name}`;
    await Deno.writeTextFile(path, text);
    const file = { path, said, schema: configSchema() };
    const options = said.includes("module") ? GIVEN : OPTIONS;
    return { folder, path, ...await checkConfig(file, options), request: { file, options } };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function configOf(text: string, said: string[] = [], name?: string): Promise<AgentConfig & { folder: string }> {
  const { config, mistakes, folder } = await checked(text, { said, name });
  assertEquals(mistakes, []);
  return { ...config!, folder };
}

const ONE = '[[modules]]\npath = "m.wasm"\n';

Deno.test("a file that says nothing but a module's path leaves all else as the options have it", async () => {
  const { folder, ...config } = await configOf(ONE);
  const [{ name: _, path: __, ...module }] = agentConfig().modules;
  assertEquals(config, {
    ...agentConfig(),
    file: `${folder}/agent.toml`,
    modules: [{
      ...module,
      name: "m.wasm",
      path: `${folder}/m.wasm`,
      configuration: { json: "{}" },
      sha256: undefined,
      phases: undefined,
      match: undefined,
    }],
  });
});

Deno.test("a file's settings win over defaults, a module's over the file's, and what was said over all of them", async () => {
  const text = `timeout-ms = 77\npool-size = 6\nmax-memory = 9\nsocket = "x/a.sock"\nsocket-mode = "0600"\n
[[modules]]\npath = "a.wasm"\n\n[[modules]]\npath = "/b.wasm"\npool-size = 8\nmax-memory = 10\ntimeout-ms = 70\n`;
  const shapes = ({ modules }: AgentConfig) =>
    modules.map(({ poolSize, limits: { maxMemoryMiB, timeoutMs } }) => [poolSize, maxMemoryMiB, timeoutMs]);
  const quiet = await configOf(text);
  assertEquals([quiet.timeoutMs, ...shapes(quiet)], [77, [6, 9, 77], [8, 10, 70]]);
  assertEquals([quiet.socket.path, quiet.socket.mode], [`${quiet.folder}/x/a.sock`, 0o600]);
  assertEquals(quiet.modules.map(({ path }) => path), [`${quiet.folder}/a.wasm`, "/b.wasm"]);
  const { timeoutMs, socket, ...said } = await configOf(text, ["pool-size", "timeout-ms", "socket"]);
  assertEquals([timeoutMs, socket.path, ...shapes({ timeoutMs, socket, ...said })], [
    GIVEN["timeout-ms"],
    GIVEN.socket,
    [GIVEN["pool-size"], 9, GIVEN["timeout-ms"]],
    [GIVEN["pool-size"], 10, GIVEN["timeout-ms"]],
  ]);
});

Deno.test("a module's own settings are all read", async () => {
  const { modules: [module], folder } = await configOf(`[[modules]]
name = "one"
path = "m.wasm"
sha256 = "${"aB".repeat(32)}"
config-file = "c.json"
fail-open = true
phases = ["response_headers"]
match.path-prefix = "/a"
match.method = ["GET", "PUT"]
match.host = "Example.COM"
match.header = { "X-A" = "1", "x-b" = true, "x-c" = false, "x-d" = ["1", "2"] }
`);
  const { name, sha256, configuration, failMode, phases, match } = module;
  assertEquals({ name, sha256, configuration, failMode, phases, match }, {
    name: "one",
    sha256: "aB".repeat(32),
    configuration: { path: `${folder}/c.json` },
    failMode: "open",
    phases: ["response_headers"],
    match: {
      pathPrefixes: ["/a"],
      methods: ["GET", "PUT"],
      hosts: ["example.com"],
      headers: { "x-a": ["1"], "x-b": true, "x-c": false, "x-d": ["1", "2"] },
    },
  });
});

Deno.test("a module's configuration is any JSON, and dates become texts", async () => {
  const { modules: [{ configuration }] } = await configOf(
    `${ONE}[modules.config]\na = [1, 2.5]\nb = { c = true }\nd = 2026-01-02T03:04:05Z\n`,
  );
  assertEquals("json" in configuration && JSON.parse(configuration.json), {
    a: [1, 2.5],
    b: { c: true },
    d: "2026-01-02T03:04:05.000Z",
  });
});

Deno.test("JSON says the same", async () => {
  const { timeoutMs, modules } = await configOf(
    '{"$schema": "x", "timeout-ms": 7, "modules": [{"path": "m.wasm", "config": {"a": null}}]}',
    [],
    "agent.JSON",
  );
  assertEquals([timeoutMs, modules[0].configuration], [7, { json: '{"a":null}' }]);
});

Deno.test("a module that was said runs in the place of the file's", async () => {
  const config = await configOf(`timeout-ms = 7\n${ONE}`, ["module", "module-config"]);
  assertEquals(config.modules.map(({ path, limits }) => [path, limits.timeoutMs]), [[GIVEN.module, 7]]);
  assertEquals(config.notes?.length, 1);
  const alone = await configOf("", ["module"]);
  assertEquals([alone.modules.length, alone.notes], [1, undefined]);
});

Deno.test("a file without modules is not enough", async () => {
  const error = await assertRejects(() => checked("timeout-ms = 7\n"), ConfigError, "a module must be given");
  assertEquals(error.code, "USAGE_MISSING_OPTION");
});

const TOML_MISTAKES: readonly (readonly [text: string, mistake: string])[] = [
  [`${ONE}timeout-ms = "1"`, '3:14: "modules[0].timeout-ms" a whole number, 1 to 60000: received "1"'],
  [`lanes = 65\n${ONE}`, '1:9: "lanes" a whole number, 1 to 64: received 65'],
  [`lanes = 1.5\n${ONE}`, '1:9: "lanes" a whole number, 1 to 64: received 1.5'],
  [`verbose = "yes"\n${ONE}`, '1:11: "verbose" true or false: received "yes"'],
  [`log-format = "x"\n${ONE}`, '1:14: "log-format" one of auto, text, json: received "x"'],
  [`socket-mode = 660\n${ONE}`, '1:15: "socket-mode" a file mode in octal, like 0660, as a text: received 660'],
  [`socket = ""\n${ONE}`, '1:10: "socket" a text, not empty: received ""'],
  [`admin = "x"\n${ONE}`, '1:9: HOST:PORT, unix:PATH or off: received "x"'],
  [`tiemout-ms = 1\n${ONE}`, '1:1: "tiemout-ms" a setting must be known: received another, did you mean "timeout-ms"?'],
  [`"unlike anything" = 1\n${ONE}`, '1:1: "unlike anything" a setting must be known: received another'],
  ["modules = 3", '1:11: "modules" a list, not empty, of tables, each once: received 3'],
  ["modules = []", '1:11: "modules" a list, not empty, of tables, each once: received a list of 0'],
  [`${ONE}\n[[modules]]\nname = "x"`, '4:1: "modules[1]" it must have "path": received none'],
  [`${ONE}sha256 = "ab"`, '3:10: "modules[0].sha256" 64 hexadecimal digits: received "ab"'],
  [`${ONE}phases = ["a"]`, '3:11: "modules[0].phases[0]" one of request_headers, response_headers: received "a"'],
  [
    `${ONE}phases = []`,
    '3:10: "modules[0].phases" a list, not empty, of request_headers, response_headers, each once: received a list of 0',
  ],
  [
    `${ONE}match.host = []`,
    '3:14: "modules[0].match.host" a text, or a list of texts, not empty: received a list of 0',
  ],
  [
    `${ONE}match.hosts = "a"`,
    '3:7: "modules[0].match.hosts" a setting must be known: received another, did you mean "host"?',
  ],
  [
    `${ONE}match.header.x-a = 1`,
    '3:20: "modules[0].match.header.x-a" a text, a list of texts, true for any, or false for none: received 1',
  ],
  [
    `${ONE}match.path-prefix = ["/a", "api"]`,
    '3:28: "modules[0].match.path-prefix[1]" the beginning of a path, with a / first: received "api"',
  ],
  [`${ONE}match.method = "get"`, '3:16: "modules[0].match.method" a method in upper case, like GET: received "get"'],
  ...["a:80", "http://a", "*", "a.*", "a.", "*.", "[::1]:80"].map((host) =>
    [
      `${ONE}match.host = "${host}"`,
      `3:14: "modules[0].match.host" a host without scheme, port or path, like example.com, or *.example.com: received "${host}"`,
    ] as const
  ),
  [
    `${ONE}match.header = { "a b" = "x" }`,
    '3:18: "modules[0].match.header.a b" the name of a header: received "a b"',
  ],
  [
    `${ONE}match.header = { A = "x", a = "y" }`,
    '3:27: "modules[0].match.header.a" the only rule for this header: received "a"',
  ],
  [
    `[[modules]\npath = "m.wasm"`,
    `1:10: Cannot read line as a table's name must have as many brackets behind as before: received "[[modules]"`,
  ],
  [`${ONE}config = 1`, '3:10: "modules[0].config" a table: received 1'],
  [
    `${ONE}config = { a = [inf] }`,
    '3:17: "modules[0].config.a[0]" a number that JSON can hold, or a text: received "another number"',
  ],
  [
    `${ONE}config = {}\nconfig-file = "c.json"`,
    '4:15: "modules[0].config-file" left out beside "config": received "c.json"',
  ],
  [
    `${ONE}[[modules]]\npath = "x/m.wasm"`,
    '4:8: "modules[1].path" another name than those before, see "name": received "m.wasm"',
  ],
  [`${ONE}a = = 1`, '3:5: TOML: received unexpected token in "a = = 1"'],
];

/** Without the words that all have in common. */
function short({ line, column, message }: { line: number; column: number; message: string }): string {
  const told = message.replace(/^Cannot use (".*?") as (?:it must be )?/, "$1 ").replace(
    /^Cannot read .* as it must be /,
    "",
  );
  return `${line}:${column}: ${told}`;
}

for (const [text, mistake] of TOML_MISTAKES) {
  Deno.test(`a mistake is told with its place: ${mistake}`, async () => {
    const { mistakes, config } = await checked(text);
    assertEquals([mistakes.map(short), config], [[mistake], undefined]);
  });
}

const JSON_MISTAKES: readonly (readonly [text: string, mistakes: readonly string[]])[] = [
  ['{\n  "lanes": 0,\n  "modules": [{"path": "m.wasm", "x": 1}]\n}', [
    '2:12: "lanes" a whole number, 1 to 64: received 0',
    '3:34: "modules[0].x" a setting must be known: received another',
  ]],
  ['{"modules": [{"path": "m.wasm"}],}', ["1:34: JSON: received property name expected"]],
  ['{"modules": [{"path": "m.wasm", "path": "n.wasm"}]}', [
    '1:33: Cannot read object as each key must stand in it once: received "path" twice',
  ]],
  ["", ["1:1: JSON: received value expected"]],
  ["[]", ['1:1: "the file" a table: received a list of 0']],
];

for (const [text, expected] of JSON_MISTAKES) {
  Deno.test(`mistakes of JSON are told with their places: ${text}`, async () => {
    assertEquals((await checked(text, { name: "agent.json" })).mistakes.map(short), expected);
  });
}

Deno.test("ten mistakes are ten, in the order of their places, and nothing is missed for what is no TOML", async () => {
  const lines = [
    "lanes = 0",
    "pool-sise = 1",
    "socket-mode = 0660",
    'verbose = "no"',
    "[[modules]]",
    'path = "m.wasm"',
    'sha256 = "x"',
    "max-memory = -1",
    "phases = 1",
    "[[modules]]",
    "path = ",
    "config = []",
    "match.x = 1",
    'name = "a"',
    'name = "b"',
  ];
  const { mistakes } = await checked(lines.join("\n"));
  assertEquals(mistakes.map(({ line }) => line), [1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 15]);
});

Deno.test("a wrong value hides no mistake of another kind", async () => {
  const lines = [
    'lanes = "x"',
    'admin = "x"',
    'record-redact = "a b"',
    "[[modules]]",
    'path = "m.wasm"',
    "config = { a = inf }",
    'config-file = "c.json"',
    "[[modules]]",
    'path = "m.wasm"',
    "[[modules]]",
  ];
  const { mistakes } = await checked(lines.join("\n"));
  assertEquals(mistakes.map(({ line }) => line), [1, 2, 3, 6, 7, 9, 10]);
});

Deno.test("rules that requests can meet are no mistakes", async () => {
  const { modules: [{ match }] } = await configOf(
    `${ONE}match = { host = ["a", "a-b.example.com", "*.a", "127.0.0.1", "[::1]"], method = ["M-SEARCH"], path-prefix = "/" }`,
  );
  assertEquals(match?.hosts?.length, 5);
});

Deno.test("no text at all is TOML that asks for nothing, and garbage is a mistake each line", async () => {
  await assertRejects(() => checked(""), ConfigError);
  assertEquals((await checked("\u0000\n]]]\n{{{")).mistakes.map(({ line }) => line), [1, 2, 3]);
  assertEquals((await checked("x\n".repeat(100))).mistakes.length, 20);
});

Deno.test("readConfig() refuses a file with mistakes, and tells each of them in its trace", async () => {
  const { request, path, folder } = await checked("lanes = 0\nlanes = 1");
  await Deno.mkdir(folder);
  try {
    await Deno.writeTextFile(path, "lanes = 0\nverbose = 1");
    const error = await assertRejects(() => readConfig(request), ConfigError, "received 2 mistakes");
    assertEquals([error.code, error.trace.map((line) => line.split(" Cannot ")[0])], [
      "CONFIG_INVALID",
      [`${path}:1:9:`, `${path}:2:11:`],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readConfig() tells of a file that is not there", async () => {
  const file = { path: "/nowhere/agent.toml", said: [], schema: configSchema() };
  const error = await assertRejects(() => readConfig({ file, options: OPTIONS }), ConfigError, "/nowhere/agent.toml");
  assertEquals(error.code, "CONFIG_UNREADABLE");
});
