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
import { COMMANDS } from "./commands.ts";
import { type Option, OPTIONS, type Options, showDefault } from "./options.ts";

/** A terminal's usual width. */
const COLUMNS = 80;

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
    "half a second or more after the first, ends it at once. SIGHUP, SIGQUIT and SIGUSR2 change nothing but the " +
    "log.",
  exit: "Exit codes: 0 ended as asked, 1 could not start, 2 bad usage.",
} as const;

/** Text of `--help`: no line is longer than a terminal. */
export function helpText(commands = COMMANDS): string {
  const sections = Object.entries(commands).map(([name, command]): Section =>
    command === commands.serve
      ? {
        usage: `${PROGRAM} --module FILE [options]`,
        about: "Options, each with the environment variable that sets it too:",
        rows: [...rows(command.options), ...GENERAL],
      }
      : {
        usage: `${PROGRAM} ${name}${positionals(command)} [options of ${name}]`,
        about: `Options of ${name}, which ${command.summary}:`,
        rows: rows(command.options),
      }
  );
  const width = Math.max(...sections.flatMap(({ rows }) => rows.map(([flag]) => flag.length)));
  return [
    ...wrap(sentence(commands.serve.summary)),
    "",
    ...sections.map(({ usage }, index) => `${index === 0 ? "Usage:" : "      "} ${usage}`),
    "",
    ...sections.flatMap(({ about, rows }) => [...wrap(about), ...table(rows, width), ""]),
    ...wrap(PARAGRAPHS.limits),
    "",
    ...wrap(PARAGRAPHS.signals),
    "",
    ...wrap(PARAGRAPHS.exit),
  ].join("\n");
}

/** Words without a flag, as they stand behind a command's name. */
function positionals({ options }: Command): string {
  return Object.entries(options).flatMap(([name, { positional, type }]) =>
    positional ? [` ${name.toUpperCase()}${type === "list" ? "..." : ""}`] : []
  ).join("");
}

/** What is told of one command. */
interface Section {
  readonly usage: string;
  readonly about: string;
  readonly rows: readonly Row[];
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Rounded: a v2 frame's limit counts the type byte in front of 16 MiB. */
function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

/** A flag and what it does. */
type Row = readonly [flag: string, help: string];

/** Flags that every command has. */
const GENERAL: readonly Row[] = [["-h, --help", "Show this text"], ["    --version", "Show the version"]];

function rows(options: Options): readonly Row[] {
  return Object.entries(options).map(([name, option]): Row => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    const env = option.env === undefined ? "" : ` [${option.env}]`;
    return [
      `${short}--${name}${PLACEHOLDERS[option.type]}`,
      `${option.help}${env} (default: ${showDefault(option)})`,
    ];
  });
}

function table(rows: readonly Row[], width: number): readonly string[] {
  return rows.flatMap(([flag, help]) =>
    wrap(help, COLUMNS - width - 4).map((line, index) => `  ${(index === 0 ? flag : "").padEnd(width)}  ${line}`)
  );
}

/** Breaks a text between words. */
function wrap(text: string, columns = COLUMNS): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** The same as a table in Markdown. */
export function optionsTable(): string {
  const rows = Object.entries<Option>(OPTIONS).map(([name, option]) =>
    `| \`--${name}\` | \`${option.env}\` | ${option.help} | ${
      showDefault(option) === "(required)" ? "(required)" : `\`${showDefault(option)}\``
    } |`
  );
  return ["| Option | Environment variable | Description | Default |", "| --- | --- | --- | --- |", ...rows].join("\n");
}
