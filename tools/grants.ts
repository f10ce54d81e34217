/**
 * What the agent asks of Deno, computed from its table of options: nothing that it does not need.
 *
 * @module
 */

import type { Command } from "../src/cli/command.ts";
import { LISTEN_VARIABLES } from "../src/cli/inherited.ts";
import { OPTIONS } from "../src/cli/options.ts";
import { COLOUR_VARIABLES } from "../src/cli/terminal.ts";
import { ConfigError } from "../src/errors.ts";
import { quoted } from "../src/escape.ts";
import { startLockPath, successorPath } from "../src/server/mod.ts";

/** What there is to be opened. */
export interface Needs {
  /** Absolute paths of sockets that may be served. */
  readonly sockets: readonly string[];
  /** Hosts with ports that are listened on besides. */
  readonly hosts?: readonly string[];
  /** Files and folders that are read besides, absolute; undefined stands for any. */
  readonly read: readonly string[] | undefined;
  /** Files that are written besides, absolute. */
  readonly appended?: readonly string[];
  /** True if the sockets may be taken over (`--take-over`), which makes each under another name first. */
  readonly takeOver?: boolean;
  /** True if other commands than serving are to write the files that they are told, wherever those are. */
  readonly writesAnywhere?: boolean;
}

/** Words for `deno` that grant what serving takes. @throws {ConfigError} if a path cannot be part of a grant. */
export function serveGrants(
  { sockets, hosts = [], read, takeOver = false, writesAnywhere = false, appended = [] }: Needs,
): readonly string[] {
  const next = takeOver ? sockets.map(successorPath) : [];
  const opened = [...sockets, ...next];
  const files = [...sockets.flatMap((socket) => [socket, startLockPath(socket)]), ...next, ...appended];
  return [
    read === undefined ? "--allow-read" : `--allow-read=${list([...read, ...files])}`,
    writesAnywhere ? "--allow-write" : `--allow-write=${list(files)}`,
    `--allow-net=${list([...opened.map((socket) => `unix:${socket}`), ...hosts])}`,
    "--allow-sys=setPriority",
    `--allow-env=${[...Object.values(OPTIONS).map((option) => option.env), ...LISTEN_VARIABLES].join(",")}`,
  ];
}

/** Words for `deno` that grant what a client of a socket takes. @throws {ConfigError} as {@linkcode serveGrants} does. */
export function clientGrants(socket: string, read: readonly string[]): readonly string[] {
  return [
    `--allow-read=${list([...read, socket])}`,
    `--allow-write=${list([socket])}`,
    `--allow-net=${list([`unix:${socket}`])}`,
    `--allow-env=${[OPTIONS.socket.env, ...COLOUR_VARIABLES].join(",")}`,
  ];
}

/**
 * Words for `deno` that grant what a command without a socket takes: its files, the variables of its options, and what a module's
 * threads need.
 *
 * @throws {ConfigError} as {@linkcode serveGrants} does.
 */
export function fileGrants(
  read: readonly string[],
  write: readonly string[],
  { options, files }: Command,
): readonly string[] {
  const variables = Object.values(options).flatMap(({ env }) => env ?? []);
  return [
    `--allow-read=${list(read)}`,
    ...write.length === 0 ? [] : [`--allow-write=${list(write)}`],
    // Only who is given files runs modules, whose threads give way to others.
    ...files === undefined ? [] : ["--allow-sys=setPriority"],
    `--allow-env=${[...variables, ...COLOUR_VARIABLES].join(",")}`,
  ];
}

/** Deno knows no way to write a comma inside of a grant. */
function list(paths: readonly string[]): string {
  for (const path of paths) {
    if (!path.includes(",")) continue;
    throw new ConfigError("USAGE_BAD_VALUE", `Cannot grant a path as it must have no comma: received ${quoted(path)}`);
  }
  return paths.join(",");
}
