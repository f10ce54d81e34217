/**
 * What `--help` prints, and the README's table: both from the table of options.
 *
 * @module
 */

import { type Option, OPTIONS, showDefault } from "./options.ts";

const PLACEHOLDERS: Readonly<Record<Option["type"], string>> = {
  path: " PATH",
  integer: " N",
  mode: " MODE",
  boolean: "",
  choice: " WORD",
};

/** Text of `--help`. */
export function helpText(): string {
  const rows = Object.entries<Option>(OPTIONS).map(([name, option]): [string, string] => {
    const flag = `${option.short === undefined ? "    " : `-${option.short}, `}--${name}${PLACEHOLDERS[option.type]}`;
    return [flag, `${option.help} [${option.env}] (default: ${showDefault(option)})`];
  });
  rows.push(["-h, --help", "Show this text"], ["    --version", "Show the version"]);
  const width = Math.max(...rows.map(([flag]) => flag.length));
  return [
    "Runs your own WebAssembly module inside each request of the Zentinel (Sentinel) reverse proxy.",
    "",
    "Usage: sentinel-wasm-agent --module FILE [options]",
    "       sentinel-wasm-agent try [--socket PATH]    send a handful of requests to a running agent",
    "",
    "Options, each with the environment variable that sets it too:",
    ...rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`),
    "",
    "Fixed limits: a result 1 MiB; a frame 10 MiB (v1) or 16 MiB (v2); 4096 connections; 10 s for a begun frame or an unread",
    "answer; a guest's output 4 KiB a line, 100 lines a second; a module's function 4 MiB, 20000 locals, and what compiles in",
    "a fraction of a second; 100 memories, 1000 tables.",
    "",
    "Exit codes: 0 ended as asked, 1 could not start, 2 bad usage.",
  ].join("\n");
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
