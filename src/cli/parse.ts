/**
 * Command line and environment to values: nothing is guessed, a flag wins over its variable.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { type CodeOf, ConfigError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { likelyOption } from "./hint.ts";
import { ALL_OPTIONS, type AllOptionValues, type AnyOptionName, type Option } from "./options.ts";

/** What a command line asks for. */
export type Usage<N extends AnyOptionName> =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | {
    readonly kind: "run";
    readonly options: Pick<AllOptionValues, N>;
    /** Texts of the options that the command line itself has, by name; `""` for a flag alone. */
    readonly given: ReadonlyMap<string, readonly string[]>;
  };

/** Reads an environment variable; undefined where it is unset or must not be read. */
export type ReadEnv = (variable: string) => string | undefined;

const TRUE = ["true", "1", "yes"];
const FALSE = ["false", "0", "no"];
const WORDS = ["help", "version"] as const;

/**
 * Reads options.
 *
 * @param names The options that are read; those without a default must be given.
 * @param positional The option that a word without a flag stands for; undefined if there is none.
 * @throws {ConfigError} `USAGE_UNKNOWN_OPTION`, `USAGE_BAD_VALUE`, `USAGE_MISSING_VALUE`, `USAGE_MISSING_OPTION`,
 * `USAGE_TWICE` or `USAGE_EXTRA_WORD`.
 */
export function parseUsage<N extends AnyOptionName>(
  words: readonly string[],
  env: ReadEnv,
  names: readonly N[],
  positional?: N,
): Usage<N> {
  const given = readFlags(words, names, positional);
  for (const word of WORDS) if (given.has(word)) return { kind: word };
  const values = names.map((name) => [name, readValue(name, given.get(name), env)]);
  // The one seam: each value has been read by its row of the table.
  return { kind: "run", options: Object.fromEntries(values) as Pick<AllOptionValues, N>, given };
}

/** Flags to their texts; `""` for a flag alone. */
function readFlags(
  words: readonly string[],
  names: readonly string[],
  positional: string | undefined,
): ReadonlyMap<string, readonly string[]> {
  const known = [...names, ...WORDS];
  const alone: string[] = [];
  const unknown = (word: string, key?: string): boolean => {
    if (key === undefined) alone.push(word);
    else throw unknownOption(word, key, known);
    return false;
  };
  const alias: Record<string, string> = { h: "help" };
  for (const [name, { short }] of Object.entries<Option>(ALL_OPTIONS)) {
    if (short !== undefined && known.includes(name)) alias[short] = name;
  }
  // parseArgs would read "--no-x=y" as "--x=y".
  for (const word of words) if (word.startsWith("--no-")) unknown(word, word.slice(2).split("=")[0]);
  const parsed = parseArgs(words, { string: known, collect: known, alias, unknown });
  const given = new Map<string, readonly string[]>();
  for (const name of known) {
    const texts = parsed[name];
    if (Array.isArray(texts) && texts.length > 0) given.set(name, texts.map(String));
  }
  // What stands behind "--" is not asked about.
  if (Array.isArray(parsed._)) alone.push(...parsed._.map(String));
  for (const word of alone) {
    if (positional === undefined || word === "") throw extraWord(word);
    given.set(positional, [...given.get(positional) ?? [], word]);
  }
  for (const [name, texts] of given) checkGiven(name, texts);
  return given;
}

/** Options are given once, and `--help` and `--version` stand alone. */
function checkGiven(name: string, texts: readonly string[]): void {
  if (WORDS.some((word) => word === name)) {
    const text = texts.find((text) => text !== "");
    if (text === undefined) return;
    throw usage("USAGE_BAD_VALUE", `Cannot read "--${name}" as it must stand alone: received ${quoted(text)}`);
  }
  const option = Object.entries<Option>(ALL_OPTIONS).find(([key]) => key === name)?.[1];
  if (texts.length > 1 && option?.type !== "list") {
    throw usage("USAGE_TWICE", `Cannot read "--${name}" as it may be given once: received it ${texts.length} times`);
  }
}

function unknownOption(word: string, key: string, known: readonly string[]): ConfigError {
  const meant = likelyOption(key, known);
  const hint = Object.hasOwn(ALL_OPTIONS, key)
    ? ", which another command has"
    : meant === undefined
    ? ""
    : `, did you mean "--${meant}"?`;
  return usage(
    "USAGE_UNKNOWN_OPTION",
    `Cannot read command line as an option must be known: received ${quoted(word)}${hint}`,
  );
}

function extraWord(word: string): ConfigError {
  return usage(
    "USAGE_EXTRA_WORD",
    `Cannot read command line as only options may stand here: received ${quoted(word)}`,
  );
}

function readValue(
  name: AnyOptionName,
  given: readonly string[] | undefined,
  env: ReadEnv,
): string | number | boolean | readonly string[] {
  const option: Option = ALL_OPTIONS[name];
  if (given !== undefined && option.type === "list") {
    return given.map((text) => checkText(`--${name}`, text));
  }
  const flag = given?.[0];
  if (flag !== undefined) {
    return parseValue(`--${name}`, option, flag === "" && option.type === "boolean" ? "true" : flag);
  }
  const variable = option.env === undefined ? undefined : env(option.env);
  if (option.env !== undefined && variable !== undefined && variable !== "") {
    return parseValue(option.env, option, variable);
  }
  if (option.default !== undefined) return option.default;
  throw usage("USAGE_MISSING_OPTION", `Cannot start as "--${name}" (or ${option.env}) must be given: received none`);
}

function checkText(source: string, text: string): string {
  if (text !== "") return text;
  throw usage("USAGE_MISSING_VALUE", `Cannot read "${source}" as it must have a value: received none`);
}

function parseValue(source: string, option: Option, text: string): string | number | boolean {
  checkText(source, text);
  const bad = (expected: string) =>
    usage("USAGE_BAD_VALUE", `Cannot read "${source}" as it must be ${expected}: received ${quoted(text)}`);
  switch (option.type) {
    case "path":
    case "text":
    case "list":
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

function usage(code: CodeOf<"ConfigError">, message: string): ConfigError {
  return new ConfigError(code, message);
}
