/**
 * `new`: begins a module.
 *
 * @module
 */

import { type Command, row } from "../command.ts";
import type { Options } from "../options.ts";

/** Words for languages, in the order in which they are listed; a test compares them with the starters that there are. */
export const LANGUAGE_WORDS = ["rust", "go", "c", "assemblyscript", "zig"] as const;

/** Its options, by flag. */
export const NEW_OPTIONS = {
  "language": {
    type: "choice",
    choices: LANGUAGE_WORDS,
    help: "What to write it in",
    positional: true,
  },
  "dir": { type: "path", help: "A folder that is empty, or not there yet", positional: true },
} as const satisfies Options;

/** Writes a starter. */
export const NEW: Command = row({
  summary:
    "begins a module of your own: a folder with source, build script, cases for test, and a page that says how to go on",
  options: NEW_OPTIONS,
  examples: [
    { words: "new rust my-policy", does: "Begin a module in Rust." },
    { words: "new c .", does: "Begin one in C in this folder." },
  ],
  exit: { 0: "written", 2: "bad usage, or a folder that is not empty or cannot be written" },
  files: ({ dir }) => ({ read: [dir], write: [dir] }),
  run: async ({ options }) => await (await import("../commands/new.ts")).begin(options),
});
