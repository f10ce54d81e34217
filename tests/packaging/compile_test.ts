import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { LISTEN_VARIABLES } from "../../src/cli/inherited.ts";
import { OPTIONS } from "../../src/cli/options.ts";
import { PACKED_ADMIN, PACKED_SOCKETS } from "../../tools/packed.ts";
import { engineFlags } from "../../tools/engine_flags.ts";
import { ROOT, TempDir } from "../e2e/agent_process.ts";

/** What `deno compile` writes before the packed files, as far as it is looked at here. */
interface Metadata {
  readonly argv: readonly string[];
  readonly permissions: Readonly<Record<string, unknown>>;
  readonly v8_flags: readonly string[];
  readonly entrypoint_key: string;
}

/** Runs the compile task with the words given after it. The real base cannot be had offline: Deno itself stands in for it. */
async function compile(words: readonly string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...config.tasks.compile.command.split(" ").slice(1), ...words],
    cwd: ROOT,
    env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Reads the metadata: magic number, u64 length in little-endian, JSON. */
function readMetadata(file: string): Metadata {
  const bytes = Deno.readFileSync(file);
  const text = new TextDecoder("latin1").decode(bytes);
  const magic = text.lastIndexOf("d3n0l4nd", text.lastIndexOf('{"argv":'));
  assert(magic >= 0, "no metadata found");
  const at = magic + "d3n0l4nd".length;
  const length = Number(new DataView(bytes.buffer).getBigUint64(at, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + length)));
}

Deno.test("tools/compile.ts grants the sockets known when it is run, the options' variables, and reading", async () => {
  using dir = new TempDir();
  const file = dir.at("agent");
  const { code, stderr } = await compile([
    "--output",
    file,
    "--socket",
    "/srv/a.sock",
    "--socket=/srv/b.sock",
    "--admin=[::1]:1",
  ]);
  assertEquals(code, 0, stderr);
  const { argv, permissions, v8_flags, entrypoint_key } = readMetadata(file);
  const sockets = [
    "/tmp/sentinel-wasm.sock",
    "/run/zentinel/wasm.sock",
    "/run/sentinel/wasm.sock",
    "/var/run/zentinel/wasm.sock",
    "/var/run/sentinel/wasm.sock",
    "/srv/a.sock",
    "/srv/b.sock",
  ];
  const hosts = ["127.0.0.1:9464", "[::1]:9464", "localhost:9464", "0.0.0.0:9464", "[::1]:1"];
  const next = sockets.map((path) => `${path}.next`);
  const { allow_import: _, ...others } = permissions;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null));
  assertEquals(given, {
    // An empty list stands for everything.
    allow_read: [],
    allow_write: [],
    allow_net: [...[...sockets, ...next].map((path) => `unix:${path}`), ...hosts],
    allow_sys: ["setPriority"],
    allow_env: [...Object.values(OPTIONS).map((option) => option.env), ...LISTEN_VARIABLES],
    deny_import: [],
    prompt: false,
  });
  assertEquals([argv, entrypoint_key], [[], "main.ts"]);
  // Deno's own come first.
  assertEquals(v8_flags.slice(-v8Flags(engineFlags()).length), v8Flags(engineFlags()));
});

Deno.test("tools/compile.ts does without the optimiser on --no-optimiser", async () => {
  using dir = new TempDir();
  const file = dir.at("agent");
  const { code, stderr } = await compile(["--no-optimiser", "--output", file]);
  assertEquals(code, 0, stderr);
  assertEquals(readMetadata(file).v8_flags.at(-1), "--liftoff-only");
});

function v8Flags(word: string): readonly string[] {
  return word.slice("--v8-flags=".length).split(",");
}

Deno.test.each([
  { name: "a relative socket", words: ["--socket", "a.sock"] },
  { name: "two sockets in one", words: ["--socket", "/a.sock,/b.sock"] },
  { name: "an address without a port", words: ["--admin", "127.0.0.1"] },
  { name: "a unix socket as an address", words: ["--admin", "unix:/a.sock"] },
  { name: "an empty socket", words: ["--socket="] },
  { name: "an unknown target", words: ["--target", "riscv64-unknown-linux-gnu"] },
  { name: "two addresses in one", words: ["--admin", "127.0.0.1:1,127.0.0.1:2"] },
  { name: "an unknown option", words: ["--allow-all"] },
  { name: "a word", words: ["main.ts"] },
])("tools/compile.ts refuses $name", async ({ words }) => {
  using dir = new TempDir();
  const { code, stderr } = await compile(["--output", dir.at("agent"), ...words]);
  assertEquals(code, 1);
  assert(stderr.includes("Cannot compile as "), stderr);
  assertEquals([...Deno.readDirSync(dir.path)], []);
});

Deno.test("docs/running.md names what every executable may open, and no more", () => {
  const [, chapter = ""] =
    /### As an executable\n([^]*?)\n### /.exec(Deno.readTextFileSync(`${ROOT}docs/running.md`)) ?? [];
  const [table = ""] = chapter.split("\nAny other path");
  const named = Array.from(table.matchAll(/`(\/[^`]*|[^` ]*:9464)`/g), ([, path = ""]) => path);
  assertEquals(named.toSorted(), [...PACKED_SOCKETS, ...PACKED_ADMIN].toSorted());
});
