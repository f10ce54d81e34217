/**
 * `try`: asks an agent that runs.
 *
 * @module
 */

import { type Command, row } from "../command.ts";
import { OPTIONS, type Options } from "../options.ts";

/** Its options, by flag. */
export const TRY_OPTIONS = {
  "socket": OPTIONS.socket,
  "method": { type: "text", default: "GET", help: "Method of the one request to send" },
  "uri": { type: "text", default: "/", help: "Its path and query" },
  "header": { type: "list", default: [], help: 'A header of it, "NAME: VALUE"; may be given again and again' },
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
