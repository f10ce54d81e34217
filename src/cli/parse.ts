/**
 * Command line and environment to values: nothing is guessed, a flag wins over its variable.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { type CodeOf, ConfigError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { likelyName } from "../likely.ts";
import type { Asked } from "./command.ts";
import type { Option, Options, ValuesOf } from "./options.ts";

/** What a command line asks for. */
export type Usage<O extends Options> =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | Run<O>;

/** A command line that asks for a command's run. */
export interface Run<O extends Options> extends Asked<O> {
  readonly kind: "run";
}

/** What is known besides the options that are read. */
export interface Surroundings {
  /** Flags that another command has. */
  readonly elsewhere?: ReadonlySet<string>;
  /** Names of commands, where the first word could have been one. */
  readonly commands?: readonly string[];
}

/** Reads an environment variable; undefined where it is unset or must not be read. */
export type ReadEnv = (variable: string) => string | undefined;

const TRUE = ["true", "1", "yes"];
const FALSE = ["false", "0", "no"];
const WORDS = ["help", "version"] as const;

/**
 * Reads options.
 *
 * @param options The options that are read; those without a default must be given.
 * @throws {ConfigError} `USAGE_UNKNOWN_OPTION`, `USAGE_BAD_VALUE`, `USAGE_MISSING_VALUE`, `USAGE_MISSING_OPTION`,
 * `USAGE_TWICE` or `USAGE_EXTRA_WORD`.
 */
export function parseUsage<O extends Options>(
  words: readonly string[],
  env: ReadEnv,
  options: O,
  surroundings: Surroundings = {},
): Usage<O> {
  const given = readFlags(words, options, surroundings);
  for (const word of WORDS) if (given.has(word)) return { kind: word };
  return { kind: "run", options: valuesOf(options, given, env), given, said: saidBy(options, given, env) };
}

/** What options are where nobody says anything. @throws {ConfigError} `USAGE_MISSING_OPTION` for one that must be given. */
export function defaultsOf<O extends Options>(options: O): ValuesOf<O> {
  return valuesOf(options, new Map(), () => undefined);
}

/** Names of the options that the command line or the environment give. */
function saidBy(options: Options, given: ReadonlyMap<string, unknown>, env: ReadEnv): readonly string[] {
  return Object.entries(options).flatMap(([name, option]) => isSaid(name, option, given, env) ? [name] : []);
}

function isSaid(name: string, { env: variable }: Option, given: ReadonlyMap<string, unknown>, env: ReadEnv): boolean {
  return given.has(name) || variable !== undefined && (env(variable) ?? "") !== "";
}

function valuesOf<O extends Options>(
  options: O,
  given: ReadonlyMap<string, readonly string[]>,
  env: ReadEnv,
): ValuesOf<O> {
  const values = Object.entries(options).map(([name, option]) => {
    const other = option.unless === undefined ? undefined : options[option.unless];
    const replaced = other !== undefined && option.unless !== undefined && isSaid(option.unless, other, given, env);
    const empty = option.type === "list" ? [] : "";
    return [
      name,
      replaced && !isSaid(name, option, given, env) ? empty : readValue(name, option, given.get(name), env),
    ];
  });
  // The one seam: each value has been read by its row of the table.
  return Object.fromEntries(values) as ValuesOf<O>;
}

/** Flags to their texts; `""` for a flag alone. */
function readFlags(
  words: readonly string[],
  options: Options,
  { elsewhere, commands }: Surroundings,
): ReadonlyMap<string, readonly string[]> {
  const known = [...Object.keys(options), ...WORDS];
  const alone: string[] = [];
  const unknown = (word: string, key?: string): boolean => {
    if (key === undefined) alone.push(word);
    else throw unknownOption(word, key, known, elsewhere);
    return false;
  };
  const alias: Record<string, string> = { h: "help" };
  for (const [name, { short }] of Object.entries(options)) {
    if (short !== undefined) alias[short] = name;
  }
  // parseArgs would read "--no-x=y" as "--x=y".
  for (const word of words) if (word.startsWith("--no-")) unknown(word, word.slice(2).split("=")[0]);
  const prepared = withDashes(withFlagsAlone(words, options), options);
  const parsed = parseArgs(prepared, { string: known, collect: known, alias, unknown });
  const given = new Map<string, readonly string[]>();
  for (const name of known) {
    const texts = parsed[name];
    if (Array.isArray(texts) && texts.length > 0) given.set(name, texts.map(String));
  }
  // What stands behind "--" is not asked about.
  if (Array.isArray(parsed._)) alone.push(...parsed._.map(String));
  const positions = Object.keys(options).filter((name) => options[name]?.positional);
  for (const [index, word] of alone.entries()) {
    const name = positionOf(index, positions, options);
    if (name === undefined || word === "") throw extraWord(word, positions, word === words[0] ? commands : undefined);
    given.set(name, [...given.get(name) ?? [], word]);
  }
  for (const [name, texts] of given) checkGiven(name, options[name], texts);
  return given;
}

/** Words with a single dash made part of the option before it: parseArgs would take it for a word without a flag. */
function withDashes(words: readonly string[], options: Options): readonly string[] {
  const joined: string[] = [];
  for (const word of words) {
    const last = joined.at(-1) ?? "";
    const option = last.startsWith("--") ? options[last.slice(2)] : undefined;
    if (word === "-" && option !== undefined && option.type !== "boolean") joined[joined.length - 1] = `${last}=-`;
    else joined.push(word);
  }
  return joined;
}

/** Words in which a flag that is on or off does not take the next one, `--json policy.wasm`, where a word without a flag may stand. */
function withFlagsAlone(words: readonly string[], options: Options): readonly string[] {
  if (Object.values(options).every(({ positional }) => !positional)) return words;
  const flags = new Set(
    Object.entries(options).filter(([, { type }]) => type === "boolean")
      .flatMap(([name, { short }]) => short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`]),
  );
  const values = [...TRUE, ...FALSE];
  return words.map((word, index) => {
    const next = words[index + 1];
    const takesNext = next === undefined || next.startsWith("-") || values.includes(next.toLowerCase());
    return !flags.has(word) || takesNext ? word : `${word}=true`;
  });
}

/** The option that a word without a flag stands for, the words counted from 0. */
function positionOf(index: number, positions: readonly string[], options: Options): string | undefined {
  const last = positions.at(-1);
  if (index < positions.length || last === undefined) return positions[index];
  // One more word than there are options is the last one's: a list takes it, and another option is given twice.
  return options[last]?.type === "list" || positions.length === 1 ? last : undefined;
}

/** Options are given once, and `--help` and `--version` stand alone. */
function checkGiven(name: string, option: Option | undefined, texts: readonly string[]): void {
  if (WORDS.some((word) => word === name)) {
    const text = texts.find((text) => text !== "");
    if (text === undefined) return;
    throw usage("USAGE_BAD_VALUE", `Cannot read "--${name}" as it must stand alone: received ${quoted(text)}`);
  }
  if (texts.length > 1 && option?.type !== "list") {
    const called = calledAs(name, option);
    throw usage("USAGE_TWICE", `Cannot read ${called} as it may be given once: received it ${texts.length} times`);
  }
}

function unknownOption(
  word: string,
  key: string,
  known: readonly string[],
  elsewhere: ReadonlySet<string> = new Set(),
): ConfigError {
  const meant = likelyName(key, known);
  const hint = elsewhere.has(key)
    ? ", which another command has"
    : meant === undefined
    ? ""
    : `, did you mean "--${meant}"?`;
  return usage(
    "USAGE_UNKNOWN_OPTION",
    `Cannot read command line as an option must be known: received ${quoted(word)}${hint}`,
  );
}

function extraWord(word: string, positions: readonly string[], commands: readonly string[] = []): ConfigError {
  const meant = commands.length === 0 ? undefined : likelyName(word, commands);
  const hint = meant === undefined ? "" : `, did you mean the command "${meant}"?`;
  const allowed = positions.length === 0
    ? "only options may stand here"
    : `only ${positions.map((name) => name.toUpperCase()).join(" ")} and options may stand here`;
  return usage("USAGE_EXTRA_WORD", `Cannot read command line as ${allowed}: received ${quoted(word)}${hint}`);
}

function readValue(
  name: string,
  option: Option,
  given: readonly string[] | undefined,
  env: ReadEnv,
): string | number | boolean | readonly string[] {
  const called = calledAs(name, option);
  if (given !== undefined && option.type === "list") {
    return given.map((text) => checkText(called, text));
  }
  const flag = given?.[0];
  if (flag !== undefined) {
    return parseValue(called, option, flag === "" && option.type === "boolean" ? "true" : flag);
  }
  const variable = option.env === undefined ? undefined : env(option.env);
  if (option.env !== undefined && variable !== undefined && variable !== "") {
    return parseValue(`"${option.env}"`, option, variable);
  }
  if (option.default !== undefined) return option.default;
  const orVariable = option.env !== undefined
    ? ` (or ${option.env})`
    : option.type === "choice"
    ? ` (one of ${option.choices.join(", ")})`
    : "";
  throw usage("USAGE_MISSING_OPTION", `Cannot start as ${called}${orVariable} must be given: received none`);
}

/** What messages call an option, as its help does. */
function calledAs(name: string, option?: Option): string {
  return option?.positional ? name.toUpperCase() : `"--${name}"`;
}

function checkText(source: string, text: string): string {
  if (text !== "") return text;
  throw usage("USAGE_MISSING_VALUE", `Cannot read ${source} as it must have a value: received none`);
}

function parseValue(source: string, option: Option, text: string): string | number | boolean {
  checkText(source, text);
  const bad = (expected: string) =>
    usage("USAGE_BAD_VALUE", `Cannot read ${source} as it must be ${expected}: received ${quoted(text)}`);
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
