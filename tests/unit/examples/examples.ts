/**
 * The examples, and what each is built with.
 *
 * @module
 */

import { exampleUrl } from "./guest_host.ts";
import { exists } from "../../../tools/exists.ts";

/** An example, its compiler, and the version of it that the module beside it was built with. */
export interface Example {
  readonly name: string;
  /** The built file. */
  readonly module: string;
  /** The module's own source: what a test of the language's helper puts another in the place of. Absent where there is no helper. */
  readonly source?: string;
  /** What this machine lacks of what a build takes. */
  readonly lacks: () => string | undefined;
  /** Prints the version of the compiler that a build takes. */
  readonly version: readonly string[];
  /** What it prints, the beginning of a line, where a build makes the same bytes as the checked-in module. */
  readonly same: string;
}

const CLANG = ["clang-14", "--version"], CLANG_SAME = "Debian clang version 14.0.6";

const RUST_TARGET = "lib/rustlib/wasm32-unknown-unknown/lib";
const RUST_VERSION = [
  "sh",
  "-c",
  `if [ -d "$(rustc --print sysroot)/${RUST_TARGET}" ]; then rustc -V; else /usr/bin/rustc -V; fi`,
];

export const EXAMPLES: readonly Example[] = [
  {
    name: "rust",
    module: "policy.wasm",
    source: "src/lib.rs",
    lacks: () => hasRustTarget() ? undefined : needs("/usr/bin/cargo", `/usr/${RUST_TARGET}`, "wasm-ld-14")(),
    version: RUST_VERSION,
    same: "rustc 1.63.0",
  },
  {
    name: "go",
    module: "policy.wasm",
    source: "main.go",
    lacks: needs("go"),
    version: ["go", "version"],
    same: "go version go1.26.8 ",
  },
  {
    name: "c",
    module: "policy.wasm",
    source: "policy.c",
    lacks: needs("clang-14", "wasm-ld-14"),
    version: CLANG,
    same: CLANG_SAME,
  },
  {
    name: "c-wasi",
    module: "policy.wasm",
    lacks: needs("clang-14", "wasm-ld-14", "/usr/lib/wasm32-wasi/libc.a", "/usr/lib/llvm-14/lib/clang/*/lib/wasi"),
    version: CLANG,
    same: CLANG_SAME,
  },
  {
    name: "assemblyscript",
    module: "policy.wasm",
    source: "assembly/index.ts",
    lacks: needs("asc"),
    version: ["asc", "--version"],
    same: "Version 0.28.20",
  },
  {
    name: "zig",
    module: "policy.wasm",
    source: "src/policy.zig",
    lacks: needs("zig"),
    version: ["zig", "version"],
    same: "0.17.1",
  },
  {
    name: "rust-security",
    module: "rust_security.wasm",
    lacks: () => hasRustTarget() ? undefined : needs("/usr/bin/cargo", `/usr/${RUST_TARGET}`, "wasm-ld-14")(),
    version: RUST_VERSION,
    same: "rustc 1.63.0",
  },
  { name: "wat", module: "policy.wasm", lacks: needs("npx"), version: ["npx", "--version"], same: "" },
];

/** What this machine lacks to build an example. @throws {Error} for one that is not in the table. */
export function lacksToolchain(name: string): string | undefined {
  const example = EXAMPLES.find((each) => each.name === name);
  if (example === undefined) throw new Error(`Cannot build examples/${name} as it must be in the table of examples`);
  return example.lacks();
}

/** Names the first that is not there, of names on PATH and of paths; a path may have one `*`, for a folder of any name. */
function needs(...tools: readonly string[]): () => string | undefined {
  return () => {
    const lacking = tools.find((tool) => !isThere(tool));
    return lacking === undefined ? undefined : `needs ${lacking}`;
  };
}

/** True if the Rust on PATH compiles to Wasm. */
function hasRustTarget(): boolean {
  if (!isThere("rustc")) return false;
  const { stdout } = new Deno.Command("rustc", { args: ["--print", "sysroot"], stderr: "null" }).outputSync();
  return exists(`${new TextDecoder().decode(stdout).trim()}/${RUST_TARGET}`);
}

function isThere(tool: string): boolean {
  const [folder, behind] = tool.split("/*");
  if (folder !== undefined && behind !== undefined) {
    return exists(folder) && [...Deno.readDirSync(folder)].some(({ name }) => exists(`${folder}/${name}${behind}`));
  }
  if (tool.startsWith("/")) return exists(tool);
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => exists(`${folder}/${tool}`));
}

/** True if this machine's compiler is the one that the checked-in module was built with. */
export function buildsTheSame({ version: [command = "", ...args], same }: Example): boolean {
  const { stdout } = new Deno.Command(command, { args, stderr: "null" }).outputSync();
  return new TextDecoder().decode(stdout).startsWith(same);
}

/** A copy of an example, so that builds leave nothing in its own folder. Removed when disposed of. */
export class BuildFolder implements Disposable {
  readonly path = Deno.makeTempDirSync();
  readonly #example: Example;

  constructor(example: Example) {
    this.#example = example;
    copy(exampleUrl(example.name), this.path);
  }

  /** @param source What to put in the place of the example's own. @throws {Error} with what the build says. */
  build(source?: URL): Uint8Array<ArrayBuffer> {
    Deno.removeSync(`${this.path}/${this.#example.module}`);
    if (source !== undefined) {
      Deno.writeTextFileSync(`${this.path}/${this.#example.source}`, Deno.readTextFileSync(source));
    }
    const command = new Deno.Command("sh", { args: ["build"], cwd: this.path, stdin: "null" });
    const { code, stdout, stderr } = command.outputSync();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    if (code !== 0) throw new Error(`examples/${this.#example.name} does not build: ${said}`);
    return Deno.readFileSync(`${this.path}/${this.#example.module}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** What earlier builds have left in an example's own folder. */
const LEFT = new Set(["target", "node_modules", ".zig-cache"]);

function copy(from: URL, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    const [source, target] = [new URL(`${from}/${name}`), `${to}/${name}`];
    if (!isDirectory) Deno.copyFileSync(source, target);
    else if (!LEFT.has(name)) copy(source, target);
  }
}
