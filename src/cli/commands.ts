/**
 * The one table of commands: what runs, what help and completions tell, and what a launcher grants come from it.
 *
 * A command is a file in `rows/`, a line here, and a file in `commands/`, which is loaded only when it runs: a launcher, which reads
 * this table too, stays small.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { CHECK } from "./rows/check.ts";
import { COMPLETIONS } from "./rows/completions.ts";
import { HELP } from "./rows/help.ts";
import { INVOKE } from "./rows/invoke.ts";
import { NEW } from "./rows/new.ts";
import { SERVE } from "./rows/serve.ts";
import { TEST } from "./rows/test.ts";
import { TRY } from "./rows/try.ts";

/** Commands by the word that they are called by; `serve` is meant where a command line names none. */
export type Commands = Readonly<Record<string, Command>> & { readonly serve: Command };

/** Every command. */
export const COMMANDS: Commands = {
  serve: SERVE,
  invoke: INVOKE,
  check: CHECK,
  test: TEST,
  new: NEW,
  try: TRY,
  completions: COMPLETIONS,
  help: HELP,
};

/** A command line, taken apart at the command's name. */
export interface Call {
  readonly command: Command;
  /** Its name, if the command line has it. */
  readonly name: string | undefined;
  /** What stands behind the command's name, if it is named. */
  readonly words: readonly string[];
}

/** The command that a command line's first word names, or else `serve`. */
export function callOf(words: readonly string[], commands = COMMANDS): Call {
  const [name, ...rest] = words;
  const named = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  return named === undefined
    ? { command: commands.serve, name: undefined, words }
    : { command: named, name, words: rest };
}

/** The flags of all commands. */
export function allFlags(commands = COMMANDS): ReadonlySet<string> {
  return new Set(Object.values(commands).flatMap(({ options }) => Object.keys(options)));
}
