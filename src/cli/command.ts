/**
 * What a command is: a row of the table in `commands.ts`.
 *
 * @module
 */

import type { ConfigRequest } from "../config/mod.ts";
import type { Options, ValuesOf } from "./options.ts";

/** What a command line asks of a command. */
export interface Asked<O extends Options> {
  /** A value for each of the command's options. */
  readonly options: ValuesOf<O>;
  /** Texts of the options that the command line itself has, by name; `""` for a flag alone. */
  readonly given: ReadonlyMap<string, readonly string[]>;
  /** Names of the options that the command line or the environment have given; the others have their defaults. */
  readonly said: readonly string[];
}

/** Files that a command touches, by paths as they were given. A folder stands for all that is in it. */
export interface Files {
  readonly read?: readonly string[];
  readonly write?: readonly string[];
}

/** A command line and what it does. */
export interface Example {
  /** Without the program's name. */
  readonly words: string;
  /** One sentence, for people. */
  readonly does: string;
}

/** One thing that the program can do. */
export interface Command<O extends Options = Options> {
  /** What it does, as the end of a sentence that begins with its name. */
  readonly summary: string;
  /** What else there is to know, a paragraph each. */
  readonly about?: readonly string[];
  /** Its options, by flag; those without a default must be given. */
  readonly options: O;
  /** Command lines to copy. */
  readonly examples: readonly Example[];
  /** What each exit code means. */
  readonly exit: Readonly<Record<number, string>>;
  /** What it does with the socket that its options name: a launcher grants that, and what `files` names, and nothing else. */
  readonly socket?: "serves" | "connects";
  /** Files that it touches beside the program's own. */
  files?(options: ValuesOf<O>): Files;
  /** The configuration file that it reads: a launcher grants reading of the files that it names, too. */
  configured?(asked: Asked<O>): ConfigRequest | undefined;
  /** Does it. @returns Exit code. */
  run(asked: Asked<O>): Promise<number>;
}

/** A row of the table; the command gets values of its own options, and of no others. */
export function row<O extends Options>(command: Command<O>): Command {
  return command;
}
