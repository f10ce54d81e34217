/**
 * `help`: tells of a command.
 *
 * @module
 */

import { type Command, row } from "../command.ts";

/** Shows what a command is for. */
export const HELP: Command = row({
  summary: "tells of all commands, or all of one",
  options: {
    "command": { type: "text", default: "", positional: true, completes: "commands", help: "The command to tell of" },
  },
  examples: [{ words: "help invoke", does: "Tell all of invoke; so does `invoke --help`." }],
  exit: { 0: "told", 2: "bad usage" },
  run: async (asked) => await (await import("../commands/help.ts")).help(asked),
});
