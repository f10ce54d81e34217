/**
 * `try`: asks an agent that runs.
 *
 * @module
 */

import { type Command, row } from "../command.ts";
import { OPTIONS, type Options } from "../options.ts";
import { REQUEST_OPTIONS } from "./event_options.ts";

/** Its options, by flag. */
export const TRY_OPTIONS = {
  "socket": OPTIONS.socket,
  ...REQUEST_OPTIONS,
} as const satisfies Options;

/** Sends requests to a running agent. */
export const TRY: Command = row({
  summary: "sends a handful of requests to a running agent, or the one that these describe, and shows what it decides",
  options: TRY_OPTIONS,
  examples: [
    { words: "try", does: "Send some requests of all kinds, and show a line for each." },
    {
      words: "try --uri /admin --header 'authorization: Bearer x'",
      does: "Send one request, and show all that is decided.",
    },
  ],
  exit: { 0: "answered", 1: "no agent answers", 2: "bad usage" },
  socket: "connects",
  run: async (asked) => await (await import("../commands/try.ts")).tryOut(asked),
});
