/**
 * The unix socket file: opened only where nobody else lives, removed only if it is ours.
 *
 * @module
 */

import { ListenError } from "../errors.ts";
import type { Socket } from "./connection.ts";
import { SharedListener } from "./shared_listener.ts";

/** Where connections come from. */
export interface Listener {
  /** Resolves to the next connection. */
  accept(): Promise<Socket>;
}

/** A listener that has made a socket file. */
interface FileListener extends Listener {
  /** Stops, and removes whatever bears the file's name by then. */
  close(): void;
}

/** An open socket file. */
export interface SocketFile<L extends Listener> {
  /** Not to be closed itself: that would remove whatever file bears its name by then. */
  readonly listener: L;
  /** Stops accepting and removes the file, unless another process has put its own in that place. */
  close(): void;
}

/**
 * Listens on `path` with file mode `mode`.
 *
 * @throws {ListenError} `LISTEN_IN_USE` where another agent answers, `LISTEN_NOT_A_SOCKET` where another kind of file is,
 * `LISTEN_FAILED` for all else.
 */
export function openSocket(path: string, mode: number): Promise<SocketFile<Deno.UnixListener>> {
  return open(path, mode, () => Deno.listen({ transport: "unix", path }));
}

/** The same with a listener that other threads can join. @throws {ListenError} as {@linkcode openSocket} does. */
export function openSharedSocket(path: string, mode: number): Promise<SocketFile<SharedListener>> {
  return open(path, mode, () => SharedListener.open(path));
}

async function open<L extends FileListener>(
  path: string,
  mode: number,
  listen: () => L | Promise<L>,
): Promise<SocketFile<L>> {
  await removeStale(path);
  let listener: L;
  try {
    listener = await listen();
    Deno.chmodSync(path, mode);
  } catch (cause) {
    throw failed(path, cause);
  }
  const own = Deno.lstatSync(path).ino;
  return {
    listener,
    close() {
      // Closing a listener removes whatever bears its name by then.
      if (inode(path) === own) listener.close();
    },
  };
}

async function removeStale(path: string): Promise<void> {
  const info = lstat(path);
  if (info === undefined) return;
  if (!info.isSocket) {
    throw new ListenError(
      "LISTEN_NOT_A_SOCKET",
      `Cannot listen on "${path}" as only a stale socket may be there: received another kind of file`,
    );
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.ConnectionRefused)) throw failed(path, cause);
    // Unless another agent has just taken the place.
    if (inode(path) === info.ino) Deno.removeSync(path);
    return;
  }
  throw new ListenError(
    "LISTEN_IN_USE",
    `Cannot listen on "${path}" as no other process may serve it: received an answer from one`,
  );
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw failed(path, cause);
  }
}

function inode(path: string): number | null | undefined {
  return lstat(path)?.ino;
}

function failed(path: string, cause: unknown): ListenError {
  const advice = cause instanceof Deno.errors.NotCapable
    ? ` (grant --allow-read=${path} --allow-write=${path} --allow-net=unix:${path})`
    : cause instanceof Deno.errors.NotFound || (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
    ? " (its folder must exist)"
    : "";
  const received = cause instanceof Error ? cause.message : String(cause);
  return new ListenError(
    "LISTEN_FAILED",
    `Cannot listen on "${path}" as the system must allow it: received "${received}"${advice}`,
    {
      cause,
    },
  );
}
