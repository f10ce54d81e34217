/**
 * Writes `src/cli/starters/files.ts` (`deno task starters`): the files of `starters/`, and those of examples and of `docs/` that `new` writes too. They stand
 * in the source so that they are there in a bundle, in an executable, and for who may read nothing else.
 *
 * @module
 */

const ROOT = new URL("../", import.meta.url);

/** Where the starters are put together, and what names a file there. */
const STARTERS = "src/cli/starters/starters.ts", NAMED = /\bFILES\["([^"]+)"\]/g;

/** Paths from the project's root: of all files that a starter names. */
export const PATHS: readonly string[] = [
  ...new Set([...read(STARTERS).matchAll(NAMED)].map(([, path = ""]) => path)),
].sort();

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The whole file. */
export function starterFiles(): string {
  const entries = PATHS.map((path) => `  "${path}": \`${escaped(read(path))}\`,`);
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
