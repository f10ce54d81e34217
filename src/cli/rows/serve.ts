/**
 * `serve`, the command that is meant where none is named.
 *
 * @module
 */

import { type Command, row } from "../command.ts";
import { requestOf } from "../config_request.ts";
import { OPTIONS } from "../options.ts";

/** Runs the agent. */
export const SERVE: Command = row({
  summary: "runs your own WebAssembly module inside each request of the Zentinel (Sentinel) reverse proxy",
  options: OPTIONS,
  examples: [
    { words: "--config agent.toml", does: "Serve what a configuration file says, as a chain of modules." },
    { words: "--module policy.wasm", does: "Serve a module on the usual socket." },
    {
      words: "--module policy.wasm --module-config policy.json --socket /run/zentinel/wasm.sock",
      does: "Give the module its configuration, and say where the proxy connects.",
    },
  ],
  exit: { 0: "ended as asked", 1: "could not start, or could not go on", 2: "bad usage" },
  socket: "serves",
  configured: ({ options, said }) => options.config === "" ? undefined : requestOf(options, said),
  run: async (asked) => await (await import("../commands/serve.ts")).serve(asked),
});
