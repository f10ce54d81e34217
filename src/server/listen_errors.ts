/**
 * Why a socket file cannot be opened, in words.
 *
 * @module
 */

import { ListenError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { startLockPath } from "./start_lock.ts";
import { successorPath } from "./successor.ts";

/** Another process serves the path: `owner` says what is known of it. */
export function inUse(path: string, owner: string): ListenError {
  return new ListenError(
    "LISTEN_IN_USE",
    `Cannot listen on ${quoted(path)} as no other process may serve it: received an answer from ${owner}`,
  );
}

/** Who serves a socket, as far as its file tells; the process is known to the system alone. */
export function owner({ uid, birthtime, mtime }: Deno.FileInfo): string {
  const since = birthtime ?? mtime;
  const user = uid === null ? "" : ` of user ${uid}`;
  const start = since === null ? "" : `, there since ${since.toISOString()}`;
  return `one${user}${start} (ss -xlp shows which)`;
}

/** Of Deno's own listener, or of `node:net`. */
export function isAddressInUse(cause: unknown): boolean {
  return cause instanceof Deno.errors.AddrInUse || hasCode(cause, "EADDRINUSE");
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && "code" in cause && cause.code === code;
}

/** The system has refused: `cause` is what it said. @param takeOver True where the grants of a taking over are needed. */
export function failed(path: string, takeOver: boolean, cause: unknown): ListenError {
  const advice = cause instanceof Deno.errors.NotCapable
    ? ` (grant ${(takeOver ? takeOverGrants(path) : grants([path], [path])).join(" ")})`
    : cause instanceof Deno.errors.NotFound || hasCode(cause, "ENOENT")
    ? " (its folder must exist)"
    : "";
  const received = cause instanceof Error ? cause.message : String(cause);
  return new ListenError(
    "LISTEN_FAILED",
    `Cannot listen on ${quoted(path)} as the system must allow it: received ${quoted(received)}${advice}`,
    { cause },
  );
}

function takeOverGrants(path: string): readonly string[] {
  const next = successorPath(path);
  return grants([path, startLockPath(path), next], [next]);
}

function grants(files: readonly string[], sockets: readonly string[]): readonly string[] {
  const list = files.join(",");
  return [
    `--allow-read=${list}`,
    `--allow-write=${list}`,
    `--allow-net=${sockets.map((path) => `unix:${path}`).join(",")}`,
  ];
}
