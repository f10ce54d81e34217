/**
 * A socket that another process listens on, and that stays open when this one stops.
 *
 * @module
 */

import { ListenError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { NEVER, type SocketFile } from "./listener.ts";
import { SharedListener } from "./shared_listener.ts";

/**
 * The socket on which the parent process listens already, as in systemd's socket activation. It belongs to the parent, and stays open
 * for the next process when this one stops.
 *
 * @throws {ListenError} `LISTEN_FAILED` if the descriptor is no such socket.
 */
export async function inheritSocket(fd: number): Promise<SocketFile<SharedListener>> {
  try {
    const listener = await SharedListener.join(fd);
    return { listener, locked: true, close: () => listener.close(), gone: () => Promise.resolve(), taken: NEVER };
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new ListenError(
      "LISTEN_FAILED",
      `Cannot listen on descriptor ${fd} as LISTEN_FDS says that it is a listening unix socket: received ${
        quoted(received)
      }`,
      { cause },
    );
  }
}
