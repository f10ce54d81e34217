/**
 * What `--help` prints, and the README's table: both from the table of options.
 *
 * @module
 */

import { type Option, OPTIONS, showDefault, TRY_OPTIONS } from "./options.ts";

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
  purpose: "Runs your own WebAssembly module inside each request of the Zentinel (Sentinel) reverse proxy.",
  serve: "Options, each with the environment variable that sets it too:",
  try:
    "Options of try, which sends a handful of requests to a running agent, or the one that these describe, and shows " +
    "what it decides:",
  limits:
    "Fixed limits: a result 1 MiB; a frame 10 MiB (v1) or 16 MiB (v2); 4096 connections; 10 s for a begun frame or " +
    "an unread answer; a guest's output 4 KiB a line, 100 lines a second; a module's function 4 MiB, 20000 locals, and " +
    "what compiles in a fraction of a second; 100 memories, 1000 tables.",
  signals:
    "Signals: SIGTERM and SIGINT end the agent once all that has arrived is answered, within 10 s; a second one, " +
    "half a second or more after the first, ends it at once. SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2 change nothing but the " +
    "log.",
  exit: "Exit codes: 0 ended as asked, 1 could not start, 2 bad usage.",
} as const;

/** Text of `--help`: no line is longer than a terminal. */
export function helpText(): string {
  const options = rows(OPTIONS);
  const general: Row[] = [["-h, --help", "Show this text"], ["    --version", "Show the version"]];
  const ofTry = rows(TRY_OPTIONS);
  const width = Math.max(...[...options, ...general, ...ofTry].map(([flag]) => flag.length));
  return [
    ...wrap(PARAGRAPHS.purpose),
    "",
    "Usage: sentinel-wasm-agent --module FILE [options]",
    "       sentinel-wasm-agent try [options of try]",
    "",
    ...wrap(PARAGRAPHS.serve),
    ...table([...options, ...general], width),
    "",
    ...wrap(PARAGRAPHS.try),
    ...table(ofTry, width),
    "",
    ...wrap(PARAGRAPHS.limits),
    "",
    ...wrap(PARAGRAPHS.signals),
    "",
    ...wrap(PARAGRAPHS.exit),
  ].join("\n");
}

/** A flag and what it does. */
type Row = readonly [flag: string, help: string];

function rows(options: Readonly<Record<string, Option>>): readonly Row[] {
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
