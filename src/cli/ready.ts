/**
 * Tells the parent process that this one is ready, over a descriptor that the parent has opened: what s6 calls a notification fd.
 *
 * `node:net` alone writes to a descriptor that is open already, and no grant is asked for it: a pipe or a socket, no file. systemd's
 * own way (`sd_notify`) sends a datagram, for which Deno 2.9.6 wants an unstable flag and a socket file of the sender's.
 *
 * @module
 */

import { ListenError } from "../errors.ts";
import { quoted } from "../escape.ts";

const LINE = "READY=1\n";

/**
 * What writes a line to a descriptor, and closes it.
 *
 * @throws {ListenError} `READY_NOT_TOLD` if that cannot be; so does the function itself, if the other end is gone.
 */
export async function openReady(fd: number): Promise<() => Promise<void>> {
  try {
    const { Socket } = await import("node:net");
    const pipe = new Socket({ fd, readable: false, writable: true });
    const end = () =>
      new Promise<void>((resolve, reject) => {
        pipe.once("error", (cause: unknown) => reject(notTold(fd, cause)));
        pipe.end(LINE, resolve);
      });
    return async () => {
      await end();
      pipe.destroy();
    };
  } catch (cause) {
    throw notTold(fd, cause);
  }
}

function notTold(fd: number, cause: unknown): ListenError {
  const received = cause instanceof Error ? cause.message : String(cause);
  return new ListenError(
    "READY_NOT_TOLD",
    `Cannot tell "--ready-fd" as it must be an open pipe or socket: received ${quoted(received)} from descriptor ${fd}`,
    { cause },
  );
}
