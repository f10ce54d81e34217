/**
 * What `--help` prints, and the README's table: both from the tables of commands and options.
 *
 * @module
 */

import { MAX_LINE_BYTES, MAX_LINES_PER_SECOND, MAX_RESULT_BYTES } from "../guest/mod.ts";
import { MAX_V1_FRAME_BYTES, MAX_V2_FRAME_BYTES } from "../protocol/mod.ts";
import { PROGRAM } from "../program.ts";
import { MAX_CONNECTIONS, STALLED_MS } from "../server/mod.ts";
import { DEFAULT_COST_LIMITS, MAX_MEMORIES, MAX_TABLES } from "../wasm/mod.ts";
import type { Command } from "./command.ts";
import { COMMANDS, type Commands } from "./commands.ts";
import { type Option, OPTIONS, type Options, REQUIRED, showDefault } from "./options.ts";
import { paint } from "./terminal.ts";

/** A terminal's usual width. */
const COLUMNS = 80;
/** In front of what stands below a title, and the room behind it. */
const INDENT = "    ", WIDTH = COLUMNS - 4;

const PLACEHOLDERS: Readonly<Record<Option["type"], string>> = {
  path: " PATH",
  integer: " N",
  mode: " MODE",
  boolean: "",
  choice: " WORD",
  text: " TEXT",
  list: " TEXT",
};

const PARAGRAPHS = {
  limits: `Fixed limits: a result ${mebibytes(MAX_RESULT_BYTES)}; a frame ${mebibytes(MAX_V1_FRAME_BYTES)} (v1) or ` +
    `${mebibytes(MAX_V2_FRAME_BYTES)} (v2); ${MAX_CONNECTIONS} connections; ${
      STALLED_MS / 1_000
    } s for a begun frame or ` +
    `an unread answer; a guest's output ${
      MAX_LINE_BYTES / 1024
    } KiB a line, ${MAX_LINES_PER_SECOND} lines a second; a ` +
    `module's function ${
      mebibytes(DEFAULT_COST_LIMITS.maxBodyBytes)
    }, ${DEFAULT_COST_LIMITS.maxLocals} locals, and what ` +
    `compiles in a fraction of a second; ${MAX_MEMORIES} memories, ${MAX_TABLES} tables.`,
  signals:
    "Signals: SIGTERM and SIGINT end the agent once all that has arrived is answered, within 10 s; a second one, " +
    "half a second or more after the first, ends it at once. SIGHUP has modules and configuration read anew; SIGQUIT " +
    "and SIGUSR2 change nothing but the log.",
  exit: "Exit codes: 0 ended as asked, 1 could not start, 2 bad usage.",
} as const;

/** Text of `--help`: of the named command, or of all. No line is longer than a terminal. */
export function helpText(name?: string, commands = COMMANDS): string {
  const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  return command === undefined || name === undefined ? overview(commands) : page(name, command, commands);
}

function overview(commands: Commands): string {
  const options = rows(commands.serve.options);
  const names = Object.keys(commands).filter((name) => commands[name] !== commands.serve);
  return [
    ...wrap(sentence(commands.serve.summary)),
    "",
    `Usage: ${synopsis("serve", commands)}`,
    `       ${PROGRAM} COMMAND [options]`,
    "",
    `Commands, each with more behind "${PROGRAM} help COMMAND":`,
    ...table(names.map((name): Row => [name, commands[name]?.summary ?? ""])),
    "",
    "Options, each with the environment variable that sets it too:",
    ...table([...options, ...GENERAL]),
    "",
    ...wrap(PARAGRAPHS.limits),
    "",
    ...wrap(PARAGRAPHS.signals),
    "",
    ...wrap(PARAGRAPHS.exit),
  ].join("\n");
}

/** All of one command, in the order of a manual's page. */
function page(name: string, command: Command, commands: Commands): string {
  const { summary, about = [], options, examples, exit } = command;
  const flags = rows(options).filter(([, , positional]) => !positional);
  const words = rows(options).filter(([, , positional]) => positional);
  return [
    ...chapter("NAME", wrap(`${name} - ${summary}`, COLUMNS - INDENT.length)),
    ...chapter("SYNOPSIS", [synopsis(name, commands)]),
    ...chapter("DESCRIPTION", about.flatMap((text, index) => [...index === 0 ? [] : [""], ...wrap(text, WIDTH)])),
    ...chapter("ARGUMENTS", table(words, INDENT)),
    ...chapter("OPTIONS", table([...flags, ...GENERAL], INDENT)),
    ...chapter(
      "EXAMPLES",
      examples.flatMap(({ words, does }, index) => [
        ...index === 0 ? [] : [""],
        ...wrap(does, WIDTH),
        ...wrapWords(`${PROGRAM} ${words}`),
      ]),
    ),
    ...chapter("EXIT STATUS", table(Object.entries(exit), INDENT)),
  ].join("\n").trimEnd();
}

/** A title and what stands below it; nothing of one that has nothing to say. */
function chapter(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const below = lines.map((line) => line === "" || line.startsWith(INDENT) ? line : INDENT + line);
  return [paint("strong", title), ...below, ""];
}

/** How a command is called. */
function synopsis(name: string, commands: Commands): string {
  const command = commands[name];
  const words = Object.entries(command?.options ?? {}).flatMap(([option, { positional, type, default: value }]) => {
    if (positional !== true) return [];
    const word = `${option.toUpperCase()}${type === "list" ? "..." : ""}`;
    return [value === undefined ? word : `[${word}]`];
  });
  const called = command === commands.serve ? ["--module FILE"] : [name, ...words];
  return [PROGRAM, ...called, "[options]"].join(" ");
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Rounded: a v2 frame's limit counts the type byte in front of 16 MiB. */
function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

/** A flag and what it does; true for a word that needs no flag. */
type Row = readonly [flag: string, help: string, positional?: boolean];

/** Flags that every command has. */
const GENERAL: readonly Row[] = [["-h, --help", "Show this text"], ["    --version", "Show the version"]];

function rows(options: Options): readonly Row[] {
  return Object.entries(options).map(([name, option]): Row => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    const env = option.env === undefined ? "" : ` [${option.env}]`;
    const choices = option.type === "choice" ? `: ${option.choices.join(", ")}` : "";
    const flag = option.positional ? name.toUpperCase() : `${short}--${name}${PLACEHOLDERS[option.type]}`;
    const value = showDefault(option) === REQUIRED ? REQUIRED : `(default: ${showDefault(option)})`;
    return [flag, `${option.help}${choices}${env} ${value}`, option.positional];
  });
}

/** Longest first column beside which there is room for the second. */
const MAX_FLAG = 34;

function table(rows: readonly Row[], indent = "  "): readonly string[] {
  const width = Math.min(MAX_FLAG, Math.max(0, ...rows.map(([flag]) => flag.length)));
  return rows.flatMap(([flag, help]) =>
    wrap(help, COLUMNS - width - indent.length - 2).map((line, index) =>
      `${indent}${(index === 0 ? flag : "").padEnd(width)}  ${line}`
    )
  );
}

/** Breaks a text between words. */
function wrap(text: string, columns = COLUMNS, words: readonly string[] = text.split(" ")): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** A command line over several lines, as a shell takes it. */
function wrapWords(text: string): readonly string[] {
  // What stands in quotes is one word, which nothing may break.
  const lines = wrap(text, WIDTH - 8, text.match(/(?:[^\s']|'[^']*')+/g) ?? []);
  return lines.map((line, index) => `${index === 0 ? "$ " : "    "}${line}${index < lines.length - 1 ? " \\" : ""}`);
}

/** The same as a table in Markdown. */
export function optionsTable(): string {
  const rows = Object.entries<Option>(OPTIONS).map(([name, option]) =>
    `| \`--${name}\` | \`${option.env}\` | ${option.help} | ${
      showDefault(option) === REQUIRED ? REQUIRED : `\`${showDefault(option)}\``
    } |`
  );
  return ["| Option | Environment variable | Description | Default |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
