/**
 * What a shell can offer at each place of a command line, read from the tables of commands and options.
 *
 * @module
 */

import type { Command } from "../command.ts";
import type { Commands } from "../commands.ts";
import type { Option } from "../options.ts";

/** Values that a shell can offer: words, files, or none for any text. */
export type Offer = { readonly words: readonly string[] } | "files" | "nothing";

/** What may stand as a value of an option. */
export function offerOf(option: Option, commands: Commands): Offer {
  if (option.completes === "commands") return { words: Object.keys(commands) };
  if (option.type === "path" || option.completes === "files") return "files";
  if (option.type === "choice") return { words: option.choices };
  return option.type === "boolean" ? { words: ["true", "false"] } : "nothing";
}

/** A flag as it is written. */
export interface Flag {
  /** `--name`, and `-x` where it has a letter. */
  readonly spellings: readonly string[];
  readonly help: string;
  readonly option: Option;
}

/** The flags of a command, but those for which a word without a flag stands. */
export function flagsOf({ options }: Command): readonly Flag[] {
  return Object.entries(options).flatMap(([name, option]) =>
    option.positional ? [] : [{
      spellings: [`--${name}`, ...option.short === undefined ? [] : [`-${option.short}`]],
      help: option.help,
      option,
    }]
  );
}

/** An option that words without a flag stand for. */
export interface Place {
  readonly name: string;
  readonly option: Option;
}

/** Those of a command, in their order. */
export function placesOf({ options }: Command): readonly Place[] {
  return Object.entries(options).flatMap(([name, option]) => option.positional ? [{ name, option }] : []);
}

/** Flags that each command has. */
export const GENERAL_FLAGS = [["--help", "Show help"], ["--version", "Show the version"]] as const;
