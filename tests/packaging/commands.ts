/**
 * The commands in the project's own pages: every fenced `sh` block, line by line.
 *
 * @module
 */

import { ROOT } from "../e2e/agent_process.ts";

/** A page and what it tells its readers to type. */
export interface Page {
  /** Path from the project's root. */
  readonly path: string;
  readonly commands: readonly string[];
  /** Files that the page shows whole and whose first line names them: `// policy.c: ...`. */
  readonly files: ReadonlyMap<string, string>;
  /** What it shows of a program's output: its `text` blocks. */
  readonly shown: readonly string[];
}

const FENCE = /^( *)```(\w+)\n([^]*?)^ *```$/gm;
const FILE = /^\/\/ ([\w.-]+\.\w+)\b/;

/** The pages of a checkout, those of the examples and of `docs/` included. */
export function readPages(): readonly Page[] {
  const tracked = new Deno.Command("git", { args: ["ls-files", "-z", "*.md"], cwd: ROOT }).outputSync();
  const paths = new TextDecoder().decode(tracked.stdout).split("\0").filter((path) => path !== "");
  return paths.map((path) => readPage(path, Deno.readTextFileSync(`${ROOT}${path}`)));
}

/** Commands and files of one page. */
export function readPage(path: string, text: string): Page {
  const commands: string[] = [];
  const files = new Map<string, string>();
  const shown: string[] = [];
  for (const [, , language, body = ""] of text.matchAll(FENCE)) {
    if (language === "text") shown.push(body);
    if (language === "sh") commands.push(...readCommands(body));
    const name = FILE.exec(body.trimStart())?.[1];
    if (language !== "sh" && name !== undefined) files.set(name, body);
  }
  return { path, commands, files, shown };
}

/** Lines that end in a backslash go on; comments and empty lines say nothing. */
function readCommands(body: string): readonly string[] {
  return body.replaceAll(/\\\n\s*/g, "").split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim()).filter((
    line,
  ) => line !== "");
}
