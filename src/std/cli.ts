/**
 * `@std/cli/parse-args` under its own name, from the npm copy of the same package, with the types of what is used here.
 *
 * @module
 */

import { parseArgs as untyped } from "deno-std/cli/parse_args.js";

/** What {@linkcode parseArgs} is asked for: every option a string, each occurrence collected. */
export interface ParseArgsOptions {
  /** Options that take a value; `""` when none is given. */
  readonly string: readonly string[];
  /** Options whose occurrences are collected in a list. */
  readonly collect: readonly string[];
  /** Short name to long name. */
  readonly alias: Readonly<Record<string, string>>;
  /** Called for each word that is no known option; `key` is unset for a positional. False drops the word. */
  readonly unknown: (argument: string, key?: string) => boolean;
}

/** Splits command line words into options: option name to the list of its values. */
export const parseArgs: (words: readonly string[], options: ParseArgsOptions) => Record<string, unknown> = untyped;
