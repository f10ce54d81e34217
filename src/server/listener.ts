/**
 * The unix socket file: opened only where nobody else lives, removed only if it is ours.
 *
 * @module
 */

import { ListenError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { sleep } from "../sleep.ts";
import type { Socket } from "./connection.ts";
import { SharedListener } from "./shared_listener.ts";
import { StartLock, startLockPath } from "./start_lock.ts";
import { turnAwayEarly } from "./turn_away.ts";

/** Mode of the socket file while it is made. */
const NOBODY_ELSE = 0o600;

/** Looks for a file that goes away with the next turn of the event loop, a millisecond apart. */
const GONE_LOOKS = 100;

/** Where connections come from. */
export interface Listener {
  /** True if it accepts no more, without a word, once it has failed to for want of a descriptor. */
  readonly deafens?: boolean;
  /** Resolves to the next connection. */
  accept(): Promise<Socket>;
}

/** Whatever has made a socket file. */
export interface FileOwner {
  /** Stops, and removes whatever bears the file's name by then. */
  close(): void;
}

/** An open socket file. */
export interface SocketFile<L> {
  /** Not to be closed itself: that would remove whatever file bears its name by then. */
  readonly listener: L;
  /** False where no grant allows the lock beside the socket that keeps two starts apart. */
  readonly locked: boolean;
  /** Stops accepting and removes the file, unless another process has put its own in that place. */
  close(): void;
  /** Resolves once a closed socket's file is gone: an accept that is under way keeps it for a turn of the event loop. */
  gone(): Promise<void>;
}

/**
 * Listens on `path` with file mode `mode`.
 *
 * @throws {ListenError} `LISTEN_IN_USE` where another agent answers, `LISTEN_NOT_A_SOCKET` where another kind of file is,
 * `LISTEN_FAILED` for all else.
 */
export function openSocket(path: string, mode: number): Promise<SocketFile<Deno.UnixListener>> {
  return open(path, mode, () => Deno.listen({ transport: "unix", path }), turnAwayEarly);
}

/** The same with a listener that other threads can join. @throws {ListenError} as {@linkcode openSocket} does. */
export function openSharedSocket(path: string, mode: number): Promise<SocketFile<SharedListener>> {
  return open(path, mode, () => SharedListener.open(path), turnAwayEarly);
}

/**
 * The same with a server that accepts by itself, whatever it speaks; nobody can be turned away who came before the file has its mode.
 *
 * @throws {ListenError} as {@linkcode openSocket} does.
 */
export function openServerSocket<L extends FileOwner>(
  path: string,
  mode: number,
  listen: () => L,
): Promise<SocketFile<L>> {
  return open(path, mode, listen, () => Promise.resolve());
}

async function open<L extends FileOwner>(
  path: string,
  mode: number,
  listen: () => L | Promise<L>,
  turnAway: (path: string, listener: L) => Promise<void>,
): Promise<SocketFile<L>> {
  try {
    using lock = mayLock(path) ? await StartLock.take(path) : undefined;
    await removeStale(path, lock?.waitedFor);
    const listener = await listen();
    const own = inode(path);
    const close = () => {
      // Closing a listener removes whatever bears its name by then.
      if (inode(path) === own) listener.close();
    };
    try {
      // The umask may have let anybody in: nobody comes in while those who have are turned away.
      Deno.chmodSync(path, NOBODY_ELSE);
      await turnAway(path, listener);
      Deno.chmodSync(path, mode);
    } catch (cause) {
      close();
      throw cause;
    }
    const gone = async () => {
      for (let looks = 0; looks < GONE_LOOKS && inode(path) === own; looks++) {
        await sleep(1);
      }
    };
    return { listener, locked: lock !== undefined, close, gone };
  } catch (cause) {
    if (cause instanceof ListenError) throw cause;
    throw isAddressInUse(cause) ? inUse(path, "another that has just come") : failed(path, cause);
  }
}

/** A grant for the socket alone has none for its lock. */
function mayLock(path: string): boolean {
  return (["read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name, path: startLockPath(path) }).state === "granted"
  );
}

async function removeStale(path: string, waitedFor: string | undefined): Promise<void> {
  const info = lstat(path);
  if (info === undefined) return;
  if (!info.isSocket) {
    throw new ListenError(
      "LISTEN_NOT_A_SOCKET",
      `Cannot listen on ${quoted(path)} as only a stale socket may be there: received another kind of file`,
    );
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (cause) {
    // Gone in this moment, or left by a process that is.
    if (cause instanceof Deno.errors.NotFound) return;
    if (!(cause instanceof Deno.errors.ConnectionRefused)) throw cause;
    // Unless another agent has just taken the place.
    if (inode(path) === info.ino) Deno.removeSync(path);
    return;
  }
  throw inUse(path, waitedFor === undefined ? owner(info) : `process ${waitedFor}`);
}

function inUse(path: string, owner: string): ListenError {
  return new ListenError(
    "LISTEN_IN_USE",
    `Cannot listen on ${quoted(path)} as no other process may serve it: received an answer from ${owner}`,
  );
}

/** As much as the file tells; the process is known to the system alone. */
function owner({ uid, birthtime, mtime }: Deno.FileInfo): string {
  const since = birthtime ?? mtime;
  const user = uid === null ? "" : ` of user ${uid}`;
  const start = since === null ? "" : `, there since ${since.toISOString()}`;
  return `one${user}${start} (ss -xlp shows which)`;
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

/** Of Deno's own listener, or of `node:net`. */
function isAddressInUse(cause: unknown): boolean {
  return cause instanceof Deno.errors.AddrInUse || hasCode(cause, "EADDRINUSE");
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && "code" in cause && cause.code === code;
}

function failed(path: string, cause: unknown): ListenError {
  const advice = cause instanceof Deno.errors.NotCapable
    ? ` (grant --allow-read=${path} --allow-write=${path} --allow-net=unix:${path})`
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
