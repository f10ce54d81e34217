/**
 * Fetches real modules out of npm packages, and generates odd ones if `wasm-tools` is there, into the cache folder that
 * `corpus_test.ts` reads. Needs npm and tar; about 510 MB.
 *
 *     deno run -A tests/corpus/fetch.ts
 *
 * @module
 */

import { join } from "@std/path";
import { cacheFolder } from "./cache.ts";

/**
 * Different compilers and features: C, C++, Rust, Go, exceptions, SIMD, threads (to be refused), tables, 54 MB, and
 * what has the largest values that `src/wasm/body_limits.ts` names.
 */
const PACKAGES = [
  "@biomejs/wasm-nodejs@1.9.4",
  "@biomejs/wasm-web@2.4.15",
  "@bokuweb/zstd-wasm@0.0.22",
  "@duckdb/duckdb-wasm@1.29.0",
  "@electric-sql/pglite@0.2.17",
  "@ffmpeg/core@0.12.10",
  "@jitl/quickjs-wasmfile-release-sync@0.31.0",
  "@resvg/resvg-wasm@2.6.2",
  "@ruby/3.3-wasm-wasi@2.7.0",
  "@sqlite.org/sqlite-wasm@3.46.1-build3",
  "@swc/wasm@1.10.0",
  "@yowasp/clang@22.0.0-git20542-10",
  "brotli-wasm@3.0.1",
  "canvaskit-wasm@0.40.0",
  "esbuild-wasm@0.25.0",
  "php-wasm@0.0.8",
  "pyodide@0.27.2",
  "sql.js@1.13.0",
  "wasmoon@1.16.0",
  "web-tree-sitter@0.25.0",
];

/** Modules that `wasm-tools smith` makes: the same for the same seed and release. */
const SMITH_SEEDS = 500;
const SEED_BYTES = 4096;
const MAX_V8_MEMORY64_BYTES = 262_144 * 65_536;
const ENABLED = ["exceptions", "gc", "memory64", "relaxed-simd", "simd", "tail-call"];
/** What V8 has only behind flags, or what is refused by design. */
const DISABLED = [
  "acquire-release-atomics",
  "compact-imports",
  "custom-descriptors",
  "custom-page-sizes",
  "multibyte-array-access",
  "shared-everything-threads",
  "threads",
  "wide-arithmetic",
];

async function run(command: string, args: string[], cwd: string, stdin?: Uint8Array<ArrayBuffer>): Promise<string> {
  const child = new Deno.Command(command, {
    args,
    cwd,
    stdin: stdin ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  })
    .spawn();
  if (stdin) {
    const writer = child.stdin.getWriter();
    await writer.write(stdin).catch(() => {});
    await writer.close().catch(() => {});
  }
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout).trim();
}

async function fetchPackage(name: string, root: string): Promise<void> {
  const folder = join(root, "npm", name.replaceAll("/", "__"));
  try {
    Deno.statSync(folder);
    return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const temporary = Deno.makeTempDirSync();
  const archive = await run("npm", ["pack", "--silent", name], temporary);
  Deno.mkdirSync(folder, { recursive: true });
  await run("tar", ["xzf", join(temporary, archive), "-C", folder, "--wildcards", "*.wasm"], temporary);
  Deno.removeSync(temporary, { recursive: true });
  console.log(`fetched ${name}`);
}

/** A sequence of bytes that depends on the seed alone (xorshift). */
function seedBytes(seed: number): Uint8Array<ArrayBuffer> {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return Uint8Array.from({ length: SEED_BYTES }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}

async function generate(root: string): Promise<void> {
  const folder = join(root, "smith");
  Deno.mkdirSync(folder, { recursive: true });
  const features = [
    ...ENABLED.map((feature) => `--${feature}-enabled=true`),
    ...DISABLED.map((feature) => `--${feature}-enabled=false`),
    `--max-memory64-bytes=${MAX_V8_MEMORY64_BYTES}`,
  ];
  for (let seed = 0; seed < SMITH_SEEDS; seed++) {
    await run("wasm-tools", ["smith", ...features, "-o", `${seed}.wasm`], folder, seedBytes(seed));
  }
  console.log(`generated ${SMITH_SEEDS} modules`);
}

const root = cacheFolder();
for (const name of PACKAGES) await fetchPackage(name, root);
try {
  await generate(root);
} catch (error) {
  console.log(`No generated modules: ${error instanceof Error ? error.message : error}`);
}
console.log(root);
