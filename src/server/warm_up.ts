/**
 * Serves events of its own making over connections in memory, so that the engine compiles what a request needs before one comes.
 *
 * V8 compiles for the shapes of objects and the functions that it has seen, and begins anew at the first that is another one. So the
 * sockets here have more shapes than it tells apart, each connection serves a few events only and then ends, as a proxy's does, and
 * both protocols and all sessions take turns.
 *
 * @module
 */

import { sleep } from "../sleep.ts";
import { Connection, type Socket } from "./connection.ts";
import type { MadeUpPeers } from "./made_up_events.ts";
import { openSession } from "./open_session.ts";
import type { SessionOptions } from "./session.ts";

/** Between connections, in milliseconds. Those of two sessions are some 0.3 ms of work, so that requests which come meanwhile hardly wait. */
const PAUSE_MS = 2;

/** How long it goes on. */
export interface WarmUpOptions {
  /** Those who are served. Made once for all warming up: V8 would compile how they are made if it were done more often. */
  readonly peers: MadeUpPeers;
  /** Connections of each session, protocol and shape of socket, one after the other. */
  readonly connections: number;
  /** True if requests may come meanwhile. */
  readonly gently?: boolean;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/**
 * Serves until all connections have ended, one of each session at a time where it goes gently. What fails is nobody's concern.
 *
 * If many were open for long, V8 would put all that are made later where only a collection of the whole heap finds them.
 */
export async function warmUp(sessions: readonly SessionOptions[], options: WarmUpOptions): Promise<void> {
  const { peers, connections, gently = false, signal } = options;
  const running: Promise<unknown>[] = [];
  let round = 0;
  for (let count = 0; count < connections; count++) {
    for (const shape of SHAPES) {
      for (const speakers of peers) {
        if (gently) await sleep(PAUSE_MS);
        if (signal?.aborted) return;
        round++;
        for (const [index, session] of sessions.entries()) {
          const socket = shape(memorySocket(speakers[(round + index) % speakers.length] ?? []));
          running.push(new Connection(socket, openSession, session).run().catch(() => {}));
        }
        if (gently) await Promise.all(running.splice(0));
      }
    }
  }
  await Promise.all(running);
}

/** A socket that reads one piece after the other, and takes all that is written. */
function memorySocket(pieces: readonly Uint8Array[]): Socket {
  let reads = 0;
  return {
    read(target) {
      const piece = pieces[reads++];
      if (piece === undefined) return Promise.resolve(null);
      target.set(piece);
      return Promise.resolve(piece.length);
    },
    write: (bytes) => Promise.resolve(bytes.length),
    close: () => {},
  };
}

/** The same functions, but others to the engine. */
function bound({ read, write, close }: Socket): Socket {
  return { read: read.bind(undefined), write: write.bind(undefined), close: close.bind(undefined) };
}

/** From more than four shapes on V8 expects any other one, too: that of the system's sockets. */
const SHAPES: readonly ((socket: Socket) => Socket)[] = [
  (socket) => ({ ...socket, a: 0 }),
  (socket) => ({ ...bound(socket), b: 0 }),
  (socket) => ({ ...socket, c: 0 }),
  (socket) => ({ ...bound(socket), d: 0 }),
  (socket) => ({ ...socket, e: 0 }),
];
