import { assertEquals, assertMatch } from "@std/assert";
import { TempDir } from "../../e2e/agent_process.ts";
import { exampleUrl } from "./guest_host.ts";
import { exists } from "../../../tools/exists.ts";

/** What build scripts call besides compilers. */
const SYSTEM = ["cp", "dirname", "grep", "ls", "mkdir", "sh"];

/** A compiler that knows where its Wasm target would be, and a clang that makes WebAssembly if somebody links it. */
const RUSTC = "echo /nowhere";
const CLANG = 'case "$1" in --print-targets) echo wasm32;; --print-prog-name=*) echo wasm-ld;; esac';

const ROWS: readonly { name: string; example: string; tools: Readonly<Record<string, string>>; says: RegExp }[] = [
  { name: "no Rust", example: "rust", tools: {}, says: /^no Rust: .*rustup/ },
  {
    name: "a Rust without the target",
    example: "rust",
    tools: { rustc: RUSTC, cargo: "exit 9" },
    says: /^no target wasm32-unknown-unknown in .*\/rustc: run 'rustup target add wasm32-unknown-unknown'/,
  },
  {
    name: "a Rust without cargo",
    example: "rust",
    tools: { rustc: 'echo "$RUST_SYSROOT"' },
    says: /^no cargo beside .*\/rustc: /,
  },
  {
    name: "a Rust without linker",
    example: "rust",
    tools: { rustc: 'echo "$RUST_SYSROOT"', cargo: "exit 9" },
    says: /^no wasm-ld: install lld/,
  },
  {
    name: "a Rust without target",
    example: "rust-security",
    tools: { rustc: RUSTC },
    says: /^no target wasm32-unknown-unknown/,
  },
  { name: "no clang", example: "c", tools: {}, says: /^no clang: install clang and lld/ },
  { name: "no linker", example: "c", tools: { clang: CLANG }, says: /^no wasm-ld: install lld/ },
  {
    name: "a clang of another vendor",
    example: "c",
    tools: { clang: "echo arm64" },
    says: /^no WebAssembly from .*clang/,
  },
  {
    name: "no clang",
    example: "c-wasi",
    tools: {},
    says: /^no clang-14: install Debian's clang-14, lld-14, wasi-libc/,
  },
  { name: "no Go", example: "go", tools: {}, says: /^no Go: install 1.24/ },
  { name: "no Node.js", example: "assemblyscript", tools: {}, says: /^no AssemblyScript: / },
  { name: "no Zig", example: "zig", tools: {}, says: /^no Zig: install 0.17/ },
];

Deno.test.each(ROWS)(
  "build of examples/$example says in one line what it lacks with $name",
  ({ example, tools, says }) => {
    using machine = machineWith(tools);
    const { code, said } = build(machine, example);
    assertEquals(code, 1);
    assertMatch(said, says);
    assertEquals(said.split("\n").length, 2, said);
  },
);

Deno.test.each([
  { name: "wasm-ld", linker: "wasm-ld" },
  { name: "wasm-ld-14", linker: "wasm-ld-14" },
  { name: "wasm-ld-19", linker: "wasm-ld-19" },
])("build of examples/c has clang use a linker that is called $name", ({ linker }) => {
  const clang = `${CLANG}\ncase "$*" in *-fuse-ld=*) echo "$@" >&2; exit 9;; esac`;
  using machine = machineWith({ "clang-14": clang, [linker]: "" });
  const { said } = build(machine, "c");
  assertMatch(said, new RegExp(` -fuse-ld=${machine.at(`bin/${linker}`)} `));
});

Deno.test("build of examples/rust takes the Rust on PATH that has the target, with the linker that is there", () => {
  const cargo = 'echo "$RUSTC $CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER $1" >&2; exit 9';
  using machine = machineWith({ rustc: 'echo "$RUST_SYSROOT"', cargo, "wasm-ld-19": "" });
  using first = machineWith({ rustc: RUSTC });
  const { said } = build(machine, "rust", first.at("bin"));
  assertEquals(said, `${machine.at("bin/rustc")} wasm-ld-19 build\n`);
});

/** A folder with what a machine has on PATH, and a copy of an example's script; `$RUST_SYSROOT` has the target of Rust. */
function machineWith(tools: Readonly<Record<string, string>>): TempDir {
  const dir = new TempDir();
  Deno.mkdirSync(dir.at("bin"));
  Deno.mkdirSync(dir.at("sysroot/lib/rustlib/wasm32-unknown-unknown/lib"), { recursive: true });
  for (const name of SYSTEM) {
    const folder = ["/usr/bin", "/bin"].find((folder) => exists(`${folder}/${name}`)) ?? "";
    Deno.symlinkSync(`${folder}/${name}`, dir.at(`bin/${name}`));
  }
  for (const [name, text] of Object.entries(tools)) {
    dir.write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
    Deno.chmodSync(dir.at(`bin/${name}`), 0o755);
  }
  return dir;
}

function build(machine: TempDir, example: string, before?: string): { readonly code: number; readonly said: string } {
  Deno.copyFileSync(exampleUrl(`${example}/build`), machine.at("build"));
  const { code, stderr } = new Deno.Command("sh", {
    args: [machine.at("build")],
    clearEnv: true,
    env: {
      PATH: before === undefined ? machine.at("bin") : `${before}:${machine.at("bin")}`,
      HOME: machine.path,
      RUST_SYSROOT: machine.at("sysroot"),
    },
    stdin: "null",
    stdout: "null",
  }).outputSync();
  return { code, said: new TextDecoder().decode(stderr) };
}
