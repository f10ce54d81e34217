/**
 * A lock that starting agents take in turns, for as long as each looks at the socket's path and puts its own file there.
 *
 * The lock is a file beside the socket that exists only for that moment. The process that makes the file also locks it with the system's
 * own file lock, which ends with the process. So the next start removes the file that a killed start has left.
 *
 * @module
 */

import { ListenError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { sleep } from "../sleep.ts";
import { inode, lstat } from "./file_at.ts";

/** How long another start may hold the lock: it takes milliseconds. */
const MAX_WAIT_MS = 10_000;
const RETRY_MS = 2;

/** Path of the lock of a socket. */
export function startLockPath(socket: string): string {
  return `${socket}.lock`;
}

/** Held until disposed of. */
export class StartLock implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  /** Process id of the start that had to be waited for; undefined if there was none. */
  readonly waitedFor: string | undefined;

  private constructor(path: string, file: Deno.FsFile, waitedFor: string | undefined) {
    this.#path = path;
    this.#file = file;
    this.waitedFor = waitedFor;
  }

  /**
   * Waits for starts that are under way.
   *
   * @throws {ListenError} `LISTEN_FAILED` if there is no end to them, or where another kind of file is. @throws What the system says.
   */
  static async take(socket: string): Promise<StartLock> {
    const path = startLockPath(socket);
    const until = performance.now() + MAX_WAIT_MS;
    let waitedFor: string | undefined;
    for (;;) {
      const held = create(path) ?? takeAbandoned(path);
      if (held instanceof Deno.FsFile) return new StartLock(path, held, waitedFor);
      waitedFor = held ?? waitedFor;
      if (performance.now() > until) {
        throw new ListenError(
          "LISTEN_FAILED",
          `Cannot listen on ${quoted(socket)} as other starts must come to an end: received none, ${
            waitedFor === undefined ? "one" : `process ${waitedFor}`
          } holds ${quoted(path)}`,
        );
      }
      await sleep(RETRY_MS);
    }
  }

  [Symbol.dispose](): void {
    // The file is removed before it is unlocked, so that a start that locks it afterwards sees that it is no longer there.
    tryRemove(this.#path);
    this.#file.close();
  }
}

/** A new file, locked; undefined if there is one. Never follows a link. */
function create(path: string): Deno.FsFile | undefined {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  } catch (cause) {
    if (cause instanceof Deno.errors.AlreadyExists) return undefined;
    throw cause;
  }
  if (file.tryLockSync(true) && isAt(path, file)) {
    file.writeSync(new TextEncoder().encode(String(Deno.pid)));
    return file;
  }
  // Another start took the file for abandoned in the moment before it was locked.
  file.close();
  return undefined;
}

/**
 * Of a lock that is there: undefined if its start has died and it is gone now, itself if it cannot be removed, the process id of a
 * start that lives.
 */
function takeAbandoned(path: string): Deno.FsFile | string | undefined {
  const info = lstat(path);
  if (info === undefined) return undefined;
  if (!info.isFile) {
    throw new ListenError(
      "LISTEN_FAILED",
      `Cannot listen as ${quoted(path)} must be free or another start's lock: received another kind of file`,
    );
  }
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw cause;
  }
  const ours = file.tryLockSync(true);
  // Only the process that holds the lock of the very file at this path may remove it.
  if (ours && isAt(path, file) && !tryRemove(path)) return file;
  const id = ours ? undefined : readId(file);
  file.close();
  return id;
}

/** False where the folder's rules forbid it. */
function tryRemove(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch {
    return false;
  }
}

function readId(file: Deno.FsFile): string | undefined {
  const bytes = new Uint8Array(16);
  const count = file.readSync(bytes) ?? 0;
  const text = new TextDecoder().decode(bytes.subarray(0, count));
  return /^[0-9]+$/.test(text) ? text : undefined;
}

function isAt(path: string, file: Deno.FsFile): boolean {
  return inode(path) === file.statSync().ino;
}
