/**
 * Command line to exit code.
 *
 * @module
 */

import { AgentError, ConfigError, UnexpectedError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { PROGRAM, VERSION } from "../program.ts";
import { allFlags, callOf, COMMANDS } from "./commands.ts";
import { readEnv } from "./env.ts";
import { parseUsage } from "./parse.ts";
import { asksForJson, helpHint, reportError } from "./report.ts";

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
    const { command, name, words: rest } = callOf(words);
    const usage = parseUsage(rest, readEnv, command.options, {
      elsewhere: allFlags(),
      commands: name === undefined ? Object.keys(COMMANDS) : undefined,
    });
    return usage.kind === "run" ? await command.run(usage) : await show(usage.kind, name);
  } catch (error) {
    return report(error, words);
  }
}

/** Tells what has gone wrong; the exit code that goes with it. */
function report(error: unknown, words: readonly string[]): number {
  const usage = error instanceof ConfigError;
  const json = asksForJson(words, readEnv);
  reportError(error instanceof AgentError ? error : unexpected(error), json, usage ? helpHint(words) : undefined);
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

async function show(what: "help" | "version", name: string | undefined): Promise<number> {
  console.log(what === "version" ? `${PROGRAM} ${VERSION}` : (await import("./help.ts")).helpText(name));
  return 0;
}
