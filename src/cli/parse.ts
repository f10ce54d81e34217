/**
 * Command line and environment to values: nothing is guessed, a flag wins over its variable.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { closestString } from "@std/text/closest-string";
import { ConfigError } from "../errors.ts";
import { type Option, type OptionName, OPTIONS, type OptionValues } from "./options.ts";

/** What a command line asks for. */
export type Usage<N extends OptionName> =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "run"; readonly options: Pick<OptionValues, N> };

const TRUE = ["true", "1", "yes"];
const FALSE = ["false", "0", "no"];
const WORDS = ["help", "version"];

/**
 * Reads options.
 *
 * @param env Reads an environment variable; undefined where it is unset or must not be read.
 * @param names The options that are read; those without a default must be given.
 * @throws {ConfigError} `USAGE_UNKNOWN_OPTION`, `USAGE_BAD_VALUE`, `USAGE_MISSING_VALUE`, `USAGE_MISSING_OPTION`,
 * `USAGE_TWICE` or `USAGE_EXTRA_WORD`.
 */
export function parseUsage<N extends OptionName>(
  words: readonly string[],
  env: (name: string) => string | undefined,
  names: readonly N[],
): Usage<N> {
  const flags = readFlags(words, names);
  if (flags.has("help")) return { kind: "help" };
  if (flags.has("version")) return { kind: "version" };
  const values = names.map((name) => [name, readValue(name, flags.get(name), env)]);
  // The one seam: each value has been read by its row of the table.
  return { kind: "run", options: Object.fromEntries(values) as Pick<OptionValues, N> };
}

/** Flags to their text; `""` for a flag alone. */
function readFlags(words: readonly string[], names: readonly string[]): ReadonlyMap<string, string> {
  const known = [...names, ...WORDS];
  const unknown = (word: string, key?: string): boolean => {
    if (key === undefined) {
      throw usage("USAGE_EXTRA_WORD", `Cannot read command line as only options may stand here: received "${word}"`);
    }
    const nearest = closestString(key, known);
    throw usage(
      "USAGE_UNKNOWN_OPTION",
      `Cannot read command line as an option must be known: received "${word}", did you mean "--${nearest}"?`,
    );
  };
  const alias: Record<string, string> = { h: "help" };
  for (const [name, { short }] of Object.entries<Option>(OPTIONS)) {
    if (short !== undefined && known.includes(name)) alias[short] = name;
  }
  // parseArgs would read "--no-x=y" as "--x=y".
  for (const word of words) if (word.startsWith("--no-")) unknown(word, word.slice(2).split("=")[0]);
  const parsed = parseArgs(words, { string: known, collect: known, alias, unknown });
  const flags = new Map<string, string>();
  for (const name of known) {
    const texts = parsed[name];
    if (!Array.isArray(texts)) continue;
    if (texts.length > 1) {
      throw usage("USAGE_TWICE", `Cannot read "--${name}" as it may be given once: received it ${texts.length} times`);
    }
    if (texts.length === 1) flags.set(name, String(texts[0]));
  }
  const rest = parsed._;
  if (Array.isArray(rest) && rest.length > 0) unknown(String(rest[0]));
  return flags;
}

function readValue(
  name: OptionName,
  flag: string | undefined,
  env: (name: string) => string | undefined,
): string | number | boolean {
  const option: Option = OPTIONS[name];
  if (flag !== undefined) {
    return parseValue(`--${name}`, option, flag === "" && option.type === "boolean" ? "true" : flag);
  }
  const variable = env(option.env);
  if (variable !== undefined && variable !== "") return parseValue(option.env, option, variable);
  if (option.default !== undefined) return option.default;
  throw usage("USAGE_MISSING_OPTION", `Cannot start as "--${name}" (or ${option.env}) must be given: received none`);
}

function parseValue(source: string, option: Option, text: string): string | number | boolean {
  if (text === "") throw usage("USAGE_MISSING_VALUE", `Cannot read "${source}" as it must have a value: received none`);
  const bad = (expected: string) =>
    usage("USAGE_BAD_VALUE", `Cannot read "${source}" as it must be ${expected}: received "${text}"`);
  switch (option.type) {
    case "path":
      return text;
    case "boolean": {
      const word = text.toLowerCase();
      if (TRUE.includes(word)) return true;
      if (FALSE.includes(word)) return false;
      throw bad("true, false, 1, 0, yes or no");
    }
    case "integer": {
      const value = Number(text);
      if (/^[0-9]+$/.test(text) && value >= option.min && value <= option.max) return value;
      throw bad(`a whole number, ${option.min} to ${option.max}`);
    }
    case "mode":
      if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8);
      throw bad("a file mode in octal, like 0660");
    case "choice":
      if (option.choices.includes(text)) return text;
      throw bad(`one of ${option.choices.join(", ")}`);
  }
}

function usage(code: string, message: string): ConfigError {
  return new ConfigError(code, message);
}
