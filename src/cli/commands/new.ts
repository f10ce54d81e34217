/**
 * Writes a module to start from into a folder of its own.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { ConfigError } from "../../errors.ts";
import { escapeText, quoted } from "../../escape.ts";
import { PROGRAM } from "../../program.ts";
import type { ValuesOf } from "../options.ts";
import type { NEW_OPTIONS } from "../rows/new.ts";
import { BUILD, filesOf, LANGUAGES } from "../starters/starters.ts";
import { paint, table } from "../terminal.ts";
import { makeFolder, writeOutput } from "../write_output.ts";

const EXECUTABLE = 0o755;

/**
 * Prints what is there now, and what to do next.
 *
 * @returns Exit code.
 * @throws {ConfigError} `USAGE_BAD_VALUE` for a folder that is not empty, `OUTPUT_UNWRITABLE`.
 */
export async function begin({ language: word, dir }: ValuesOf<typeof NEW_OPTIONS>): Promise<number> {
  await checkEmpty(dir);
  const language = LANGUAGES[word];
  const files = Object.entries(filesOf(language));
  for (const [path, text] of files) {
    const target = join(dir, path);
    await makeFolder(dirname(target));
    // Never in the place of what somebody else has put there meanwhile.
    await writeOutput(target, text, { createNew: true, mode: path === BUILD ? EXECUTABLE : undefined });
  }
  console.log(paint("good", `Made ${escapeText(dir)}: a module in ${language.title}, ${files.length} files.`));
  console.log();
  const steps = [
    [`cd ${shellWord(dir)}`, ""],
    [`./${BUILD}`, language.needs],
    [`${PROGRAM} test policy.wasm cases.yaml`, "what it must decide"],
  ];
  for (
    const line of table(steps.map(([command = "", note = ""]) => [command, paint("faint", note)]), { indent: "  " })
  ) {
    console.log(line);
  }
  console.log();
  console.log(`It decides in ${language.source}; README.md says how to go on.`);
  return 0;
}

async function checkEmpty(dir: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(dir)) throw notEmpty(dir, quoted(name));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return;
    if (cause instanceof ConfigError) throw cause;
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${escapeText(dir)})` : "";
    throw notEmpty(dir, `${quoted(cause instanceof Error ? cause.message : String(cause))}${advice}`, cause);
  }
}

function notEmpty(dir: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError(
    "USAGE_BAD_VALUE",
    `Cannot begin a module in ${quoted(dir)} as it must be an empty folder, or not there yet: received ${received}`,
    { cause },
  );
}

/** A path that a shell takes for one word. */
function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${escapeText(path).replaceAll("'", `'\\''`)}'`;
}
