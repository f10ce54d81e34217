/**
 * The one table of commands: what runs, what `--help` tells, and what a launcher grants come from it.
 *
 * A command is a file in `commands/` and a row here. It is loaded only when it runs, so that a launcher, which reads this
 * table too, stays small.
 *
 * @module
 */

import { OPTIONS, type Options, TRY_OPTIONS, type ValuesOf } from "./options.ts";

/** What a command line asks of a command. */
export interface Asked<O extends Options> {
  /** A value for each of the command's options. */
  readonly options: ValuesOf<O>;
  /** Texts of the options that the command line itself has, by name; `""` for a flag alone. */
  readonly given: ReadonlyMap<string, readonly string[]>;
}

/** One thing that the program can do. */
export interface Command<O extends Options = Options> {
  /** What it does, as the end of a sentence that begins with its name. */
  readonly summary: string;
  /** What stands behind its name on a command line, for people. */
  readonly words: string;
  /** Its options, by flag; those without a default must be given. */
  readonly options: O;
  /** What it does with the socket: a launcher grants that, and nothing else. */
  readonly socket: "serves" | "connects";
  /** Does it. @returns Exit code. */
  run(asked: Asked<O>): Promise<number>;
}

/** Commands by the word that they are called by; `serve` is meant where a command line names none. */
export type Commands = Readonly<Record<string, Command>> & { readonly serve: Command };

/** Every command. */
export const COMMANDS: Commands = {
  serve: row({
    summary: "runs your own WebAssembly module inside each request of the Zentinel (Sentinel) reverse proxy",
    words: "--module FILE [options]",
    options: OPTIONS,
    socket: "serves",
    run: async ({ options }) => await (await import("./commands/serve.ts")).serve(options),
  }),
  try: row({
    summary:
      "sends a handful of requests to a running agent, or the one that these describe, and shows what it decides",
    words: "[options of try]",
    options: TRY_OPTIONS,
    socket: "connects",
    run: async (asked) => await (await import("./commands/try.ts")).tryOut(asked),
  }),
};

/** A row of the table; the command gets values of its own options, and of no others. */
function row<O extends Options>(command: Command<O>): Command {
  return command;
}

/** A command line, taken apart at the command's name. */
export interface Call {
  readonly command: Command;
  /** What stands behind the command's name, if it is named. */
  readonly words: readonly string[];
}

/** The command that a command line's first word names, or else `serve`. */
export function callOf(words: readonly string[], commands = COMMANDS): Call {
  const [name, ...rest] = words;
  const named = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  return named === undefined ? { command: commands.serve, words } : { command: named, words: rest };
}

/** The flags of all commands. */
export function allFlags(commands = COMMANDS): ReadonlySet<string> {
  return new Set(Object.values(commands).flatMap(({ options }) => Object.keys(options)));
}
