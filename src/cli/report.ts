/**
 * Errors that end the program before there is a log: one line on stderr, in the format that was asked for as far as that can be told.
 *
 * @module
 */

import type { AgentError } from "../errors.ts";
import { escapeText } from "../escape.ts";
import { PROGRAM } from "../program.ts";
import { callOf } from "./commands.ts";
import { OPTIONS } from "./options.ts";
import type { ReadEnv } from "./parse.ts";

/** Longest message, in UTF-16 units: that of a module may list what it lacks. */
const MAX_MESSAGE = 4096;
/** How long a stderr that would block is waited for, in all, and between two tries. */
const MAX_WAIT_MS = 1_000, RETRY_MS = 10;

/**
 * True if a command line, right or wrong, or the environment asks for a log in JSON: a flag wins over its variable. What a command
 * shows that has no log is for people.
 */
export function asksForJson(words: readonly string[], env: ReadEnv): boolean {
  if (!Object.hasOwn(callOf(words).command.options, "log-format")) return false;
  let format: string | undefined;
  for (const [index, word] of words.entries()) {
    if (word === "--log-format") format = words[index + 1];
    else if (word.startsWith("--log-format=")) format = word.slice("--log-format=".length);
  }
  try {
    return (format ?? env(OPTIONS["log-format"].env)) === "json";
  } catch {
    return false;
  }
}

/** Where the right way to say it stands. */
export function helpHint(words: readonly string[]): string {
  const { name } = callOf(words);
  return name === undefined ? "Try --help" : `Try ${name} --help`;
}

/** Tells of an error, and where in a module it happened; for JSON as a line of the log, without the hint. */
export function reportError(error: Reported, json: boolean, hint?: string): void {
  writeOut(errorText(error, json, hint));
}

/** The parts of an error that people see. */
export type Reported = Pick<AgentError, "code" | "message" | "trace">;

/** The text that {@linkcode reportError} writes. */
export function errorText({ code, message, trace }: Reported, json: boolean, hint?: string): string {
  const text = escapeText(message, MAX_MESSAGE);
  if (json) {
    const line = { "@timestamp": new Date().toISOString(), level: "ERROR", message: text, logger: PROGRAM, code };
    return `${JSON.stringify(trace.length === 0 ? line : { ...line, trace })}\n`;
  }
  const lines = [`${PROGRAM}: ${text}`, ...trace.map((frame) => `  at ${frame}`), ...hint === undefined ? [] : [hint]];
  return `${lines.join("\n")}\n`;
}

/** Blocks while it waits, because the program has nothing else left to do. */
function writeOut(text: string): void {
  const until = performance.now() + MAX_WAIT_MS;
  for (let rest = new TextEncoder().encode(text); rest.length > 0;) {
    try {
      rest = rest.subarray(Deno.stderr.writeSync(rest));
    } catch (error) {
      // A stderr that nobody reads, or that is closed, is no reason to end in another way.
      if (!(error instanceof Deno.errors.WouldBlock) || performance.now() > until) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
