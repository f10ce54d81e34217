/**
 * Writes `src/cli/starters/files.ts` (`deno task starters`): the files of `starters/`, and those of examples and of `docs/` that `new` writes too. They stand
 * in the source so that they are there in a bundle, in an executable, and for who may read nothing else.
 *
 * @module
 */

const ROOT = new URL("../", import.meta.url);

/** Paths from the project's root. */
export const PATHS: readonly string[] = [
  "docs/cases.schema.json",
  "examples/assemblyscript/assembly/sentinel.ts",
  "examples/assemblyscript/build",
  "examples/assemblyscript/package.json",
  "examples/assemblyscript/tsconfig.json",
  "examples/c/build",
  "examples/c/sentinel.h",
  "examples/go/build",
  "examples/go/go.mod",
  "examples/go/sentinel/sentinel.go",
  "examples/rust/Cargo.lock",
  "examples/rust/Cargo.toml",
  "examples/rust/build",
  "examples/rust/src/sentinel.rs",
  "examples/zig/build",
  "examples/zig/src/sentinel.zig",
  "starters/assemblyscript/assembly/index.ts",
  "starters/c/policy.c",
  "starters/cases.yaml",
  "starters/go/main.go",
  "starters/rust/src/lib.rs",
  "starters/zig/src/policy.zig",
];

/** The whole file. */
export function starterFiles(): string {
  const entries = PATHS.map((path) => `  "${path}": \`${escaped(Deno.readTextFileSync(new URL(path, ROOT)))}\`,`);
  return `/**
 * Texts that \`new\` writes, by their paths in the project. Made by \`deno task starters\`.
 *
 * @module
 */

/** Text by path. */
export const FILES = {
${entries.join("\n")}
} as const;
`;
}

/** What a template literal takes for itself. */
function escaped(text: string): string {
  return text.replace(/[\\`]|\$(?=\{)/g, "\\$&");
}

if (import.meta.main) await Deno.writeTextFile(new URL("src/cli/starters/files.ts", ROOT), starterFiles());
