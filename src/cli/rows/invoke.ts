/**
 * `invoke`: asks a module, without a proxy and without a socket.
 *
 * @module
 */

import { configurationSource } from "../../config/mod.ts";
import { type Command, row } from "../command.ts";
import type { Options } from "../options.ts";
import { MODULE_OPTIONS } from "../trial_config.ts";
import { EVENT_OPTIONS } from "./event_options.ts";

const { module, config, ...limits } = MODULE_OPTIONS;

/** Its options, by flag. */
export const INVOKE_OPTIONS = {
  module,
  ...EVENT_OPTIONS,
  config,
  "repeat": {
    type: "integer",
    default: 1,
    min: 1,
    max: 1_000_000,
    help: "Ask so many times, and show how the times are spread",
  },
  "watch": {
    type: "boolean",
    default: false,
    help: "Ask again whenever the module's file, or another one given, changes",
  },
  "json": { type: "boolean", default: false, help: "Print a JSON object a line for each event" },
  ...limits,
} as const satisfies Options;

/** Shows what a module decides. */
export const INVOKE: Command = row({
  summary: "sends one request or response through a module, as the agent would, and shows what it decides",
  about: [
    "No proxy and no socket are needed. The module is started, asked and bounded exactly as the agent does it; a module that fails " +
    "is answered for by the fail mode, and the output says why.",
    'A file of events has {"request": {...}} or {"response": {...}}, or a list or lines of them: see docs/commands.md.',
  ],
  options: INVOKE_OPTIONS,
  examples: [
    { words: "invoke policy.wasm --uri /admin", does: "Show what is decided on a request." },
    {
      words: 'invoke policy.wasm --method POST --header \'x-api-key: s3cret\' --config \'{"keys": {"a": "s3cret"}}\'',
      does: "Say more of the request, and give the module its configuration.",
    },
    { words: "invoke policy.wasm --status 404 --header 'server: nginx'", does: "Ask for a response." },
    { words: "invoke policy.wasm --event requests.jsonl --json", does: "Ask for each event of a file, for a program." },
    { words: "invoke policy.wasm --repeat 10000", does: "Measure how long a decision takes." },
    { words: "invoke policy.wasm --watch", does: "Ask again after each build." },
  ],
  exit: { 0: "decided", 1: "the module failed, or does not start", 2: "bad usage, or no event that can be read" },
  files({ module, config, event }) {
    const told = configurationSource(config);
    return { read: [module, ..."path" in told ? [told.path] : [], ...event === "" || event === "-" ? [] : [event]] };
  },
  run: async (asked) => await (await import("../commands/invoke.ts")).invoke(asked),
});
