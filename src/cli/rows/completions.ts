/**
 * `completions`: teaches a shell the command line.
 *
 * @module
 */

import { type Command, row } from "../command.ts";
import type { Options } from "../options.ts";

/** Its options, by flag. */
export const COMPLETIONS_OPTIONS = {
  "shell": { type: "choice", choices: ["bash", "zsh", "fish"], positional: true, help: "The shell" },
} as const satisfies Options;

/** Prints a script for a shell. */
export const COMPLETIONS: Command = row({
  summary: "prints a script that has a shell complete commands, options and their values",
  options: COMPLETIONS_OPTIONS,
  examples: [
    { words: "completions bash > ~/.local/share/bash-completion/completions/sentinel-wasm-agent", does: "For bash." },
    { words: "completions zsh > ~/.zfunc/_sentinel-wasm-agent", does: "For zsh, where `fpath` has ~/.zfunc." },
    { words: "completions fish > ~/.config/fish/completions/sentinel-wasm-agent.fish", does: "For fish." },
  ],
  exit: { 0: "printed", 2: "bad usage" },
  run: async (asked) => await (await import("../commands/completions.ts")).completions(asked),
});
