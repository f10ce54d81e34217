/**
 * Command line to exit code.
 *
 * @module
 */

import { AgentError, ConfigError, UnexpectedError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { serve } from "./commands/serve.ts";
import { tryOut } from "./commands/try.ts";
import { readEnv } from "./env.ts";
import { helpText } from "./help.ts";
import { type OptionName, OPTIONS } from "./options.ts";
import { parseUsage } from "./parse.ts";
import { asksForJson, reportError } from "./report.ts";
import { PROGRAM, VERSION } from "../program.ts";

const FAILED = 1;
const BAD_USAGE = 2;

/**
 * Runs the program.
 *
 * @param words Command line without the program's name.
 * @returns Exit code: 0 ended as asked, 1 could not start or failed, 2 bad usage.
 */
export async function run(words: readonly string[]): Promise<number> {
  try {
    if (words[0] === "try") {
      const usage = parseUsage(words.slice(1), readEnv, ["socket", "method", "uri", "header"]);
      if (usage.kind !== "run") return show(usage.kind);
      return await tryOut(usage.options, ["method", "uri", "header"].some((name) => usage.given.has(name)));
    }
    // The table's keys are its options' names.
    const usage = parseUsage(words, readEnv, Object.keys(OPTIONS) as OptionName[]);
    return usage.kind === "run" ? await serve(usage.options) : show(usage.kind);
  } catch (error) {
    return report(error, words);
  }
}

/** Tells what has gone wrong; the exit code that goes with it. */
function report(error: unknown, words: readonly string[]): number {
  const usage = error instanceof ConfigError;
  // What `try` shows is for people.
  const json = words[0] !== "try" && asksForJson(words, readEnv);
  reportError(error instanceof AgentError ? error : unexpected(error), json, usage ? "Try --help" : undefined);
  return usage ? BAD_USAGE : FAILED;
}

/** What no code here foresees: a full disk behind stdout, most likely. */
function unexpected(cause: unknown): UnexpectedError {
  const received = cause instanceof Error ? cause.message : String(cause);
  return new UnexpectedError(
    "UNEXPECTED",
    `Cannot go on as the system must allow it: received ${quoted(received)}`,
    { cause },
  );
}

function show(what: "help" | "version"): number {
  console.log(what === "help" ? helpText() : `${PROGRAM} ${VERSION}`);
  return 0;
}
