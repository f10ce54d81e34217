/**
 * The unix socket file: opened only where nobody else lives, removed only if it is ours.
 *
 * @module
 */

import { ListenError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { sleep } from "../sleep.ts";
import type { Socket } from "./connection.ts";
import { inode, lstat } from "./file_at.ts";
import { failed, inUse, isAddressInUse, owner } from "./listen_errors.ts";
import { SharedListener } from "./shared_listener.ts";
import { StartLock, startLockPath } from "./start_lock.ts";
import { PlaceWatch, successorPath } from "./successor.ts";
import { turnAwayEarly } from "./turn_away.ts";

/** Mode of the socket file while it is made. */
const NOBODY_ELSE = 0o600;

/** How often a file is looked for that goes away with one of the next turns of the event loop; a millisecond lies between two looks. */
const GONE_LOOKS = 100;

/** Never resolves. */
export const NEVER = new Promise<never>(() => {});

/** Where connections come from. */
export interface Listener {
  /** True if it silently stops accepting for good once an accept has failed because no file descriptor was left. */
  readonly deafens?: boolean;
  /** Resolves to the next connection. */
  accept(): Promise<Socket>;
}

/** Something that has made a socket file. */
export interface FileOwner {
  /** Stops, and removes any file that has the socket's name by then. */
  close(): void;
}

/** An open socket file. */
export interface SocketFile<L> {
  /** Must not be closed by itself, because that would remove any file that has its name by then. */
  readonly listener: L;
  /** False where no grant allows the lock beside the socket that keeps two starts apart. */
  readonly locked: boolean;
  /** Stops accepting and removes the file, unless another process has put its own in that place. */
  close(): void;
  /** Resolves once a closed socket's file is gone: an accept that is under way keeps it for a turn of the event loop. */
  gone(): Promise<void>;
  /** Resolves once another agent has taken the path over; never unless it was opened so that it can be. */
  readonly taken: Promise<void>;
}

/**
 * Listens on `path` with file mode `mode`.
 *
 * @param takeOver True to take the path from an agent that serves it, and to give it up to the next one that does so.
 * @throws {ListenError} `LISTEN_IN_USE` where another agent answers that is not to be taken over, `LISTEN_NOT_A_SOCKET` where another kind
 * of file is, `LISTEN_FAILED` for all else.
 */
export function openSocket(path: string, mode: number, takeOver = false): Promise<SocketFile<Deno.UnixListener>> {
  return open<Deno.UnixListener>(
    path,
    mode,
    takeOver,
    (path) => Deno.listen({ transport: "unix", path }),
    turnAwayEarly,
  );
}

/** The same as {@linkcode openSocket} with a listener that other threads can join. @throws {ListenError} as {@linkcode openSocket} does. */
export function openSharedSocket(path: string, mode: number, takeOver = false): Promise<SocketFile<SharedListener>> {
  return open<SharedListener>(path, mode, takeOver, (path) => SharedListener.open(path), turnAwayEarly);
}

/**
 * The same with a server that accepts by itself, whatever it speaks; nobody can be turned away who came before the file has its mode.
 *
 * @throws {ListenError} as {@linkcode openSocket} does.
 */
export function openServerSocket<L extends FileOwner>(
  path: string,
  mode: number,
  takeOver: boolean,
  listen: (path: string) => L,
): Promise<SocketFile<L>> {
  return open(path, mode, takeOver, listen, () => Promise.resolve());
}

async function open<L extends FileOwner>(
  path: string,
  mode: number,
  takeOver: boolean,
  listen: (path: string) => L | Promise<L>,
  turnAway: (path: string, listener: L) => Promise<void>,
): Promise<SocketFile<L>> {
  const at = takeOver ? successorPath(path) : path;
  try {
    using lock = takeOver || mayLock(path) ? await StartLock.take(path) : undefined;
    if (takeOver) makeWay(path, at);
    else await removeStale(path, lock?.waitedFor);
    const listener = await listen(at);
    const own = inode(at);
    try {
      // The umask may have let anybody connect. From here on nobody can, while the connections made so far are turned away.
      Deno.chmodSync(at, NOBODY_ELSE);
      await turnAway(at, listener);
      Deno.chmodSync(at, mode);
      if (takeOver) Deno.renameSync(at, path);
    } catch (cause) {
      if (inode(at) === own) listener.close();
      throw cause;
    }
    const watch = takeOver ? new PlaceWatch(() => isTaken(path, own)) : undefined;
    const close = () => {
      watch?.close();
      if (inode(path) !== own) return;
      // To close a listener removes any file that has its name by then, which may be the one that the next agent is just making.
      if (takeOver) tryRemove(path);
      else listener.close();
    };
    const gone = async () => {
      for (let looks = 0; looks < GONE_LOOKS && inode(path) === own; looks++) {
        await sleep(1);
      }
    };
    return { listener, locked: lock !== undefined, close, gone, taken: watch?.taken ?? NEVER };
  } catch (cause) {
    if (cause instanceof ListenError) throw cause;
    throw isAddressInUse(cause) ? inUse(path, "another that has just come") : failed(path, takeOver, cause);
  }
}

/** A grant for the socket alone has none for its lock. */
function mayLock(path: string): boolean {
  return (["read", "write"] as const).every((name) =>
    Deno.permissions.querySync({ name, path: startLockPath(path) }).state === "granted"
  );
}

/** Only a socket is removed, and no other kind of file, even if somebody serves it. A file at `at` was left by a start that has died. */
function makeWay(path: string, at: string): void {
  checkSocket(path, "only a socket may be there");
  if (checkSocket(at, "only a stale socket may be there") !== undefined) Deno.removeSync(at);
}

/** What is at a path: undefined if it is free. @throws {ListenError} `LISTEN_NOT_A_SOCKET` */
function checkSocket(path: string, rule: string): Deno.FileInfo | undefined {
  const info = lstat(path);
  if (info === undefined || info.isSocket) return info;
  throw new ListenError(
    "LISTEN_NOT_A_SOCKET",
    `Cannot listen on ${quoted(path)} as ${rule}: received another kind of file`,
  );
}

/** True if another socket has the path; one that is merely gone is not taken. */
function isTaken(path: string, own: number | null | undefined): boolean {
  const info = lstat(path);
  return info?.isSocket === true && info.ino !== own;
}

/** Where its grant is gone, the file stays for the next start to take away. */
function tryRemove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotCapable)) throw cause;
  }
}

async function removeStale(path: string, waitedFor: string | undefined): Promise<void> {
  const info = checkSocket(path, "only a stale socket may be there");
  if (info === undefined) return;
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (cause) {
    // Either the file has just gone, or a process that no longer exists has left it.
    if (cause instanceof Deno.errors.NotFound) return;
    if (!(cause instanceof Deno.errors.ConnectionRefused)) throw cause;
    // It is not removed if another agent has just put its own file there.
    if (inode(path) === info.ino) Deno.removeSync(path);
    return;
  }
  throw inUse(path, waitedFor === undefined ? owner(info) : `process ${waitedFor}`);
}
