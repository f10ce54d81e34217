/**
 * Accepts connections and serves each until it ends.
 *
 * @module
 */

import { descriptors, isExhausted } from "../descriptors.ts";
import { ListenError, ProtocolError } from "../errors.ts";
import { sleep } from "../sleep.ts";
import { Connection, type Socket } from "./connection.ts";
import { MemoryBudget } from "./memory_budget.ts";
import type { Listener } from "./listener.ts";
import { openSession } from "./open_session.ts";
import { Quiet } from "./quiet.ts";
import { Roster } from "./roster.ts";
import type { SessionOptions } from "./session.ts";
import { StallWatch } from "./stall_watch.ts";
import type { Successor } from "./successor.ts";

/** Most connections at a time: far above what proxies open, far below what file descriptors allow. */
export const MAX_CONNECTIONS = 4096;
const ACCEPT_RETRY_MS = 100;
/** How many silent connections are closed at once when few descriptors are left. */
const SHED_AT_ONCE = 16;
/** Time between two looks at what still comes in, in milliseconds. The event loop asks the system for input at least once in that time. */
const LOOK_MS = 3;
/** Between two looks at whether connections that another agent answers are still there, in milliseconds. */
const HANDED_OVER_LOOK_MS = 50;
/** Longest queue of connections that have not been accepted: Linux' own limit (`net.core.somaxconn`). */
const MAX_BACKLOG = 4096;

/** What a server is made of. */
export interface ServerOptions {
  /** What is spoken on each connection. */
  readonly session: SessionOptions;
  /** Open already; the server never closes it. */
  readonly listener: Listener;
}

/** Serves all connections of one socket. */
export class Server {
  readonly #options: ServerOptions;
  readonly #connections = new Roster<Connection>();
  readonly #stalls = new StallWatch(() => this.#connections.all);
  readonly #memory = new MemoryBudget();
  #accepted = 0;
  #successor: Successor | undefined;
  #draining = false;
  readonly #stopped = Promise.withResolvers<void>();

  /** Accepts nothing before {@linkcode Server.run}. */
  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Accepts until {@linkcode Server.drain}. @throws {ListenError} `LISTEN_DEAF` if nothing can be accepted any more. */
  async run(): Promise<void> {
    // A listener whose file is no longer its own stays open, and its last accept never ends.
    await Promise.race([this.#acceptAll(), this.#stopped.promise]);
  }

  async #acceptAll(): Promise<void> {
    for (;;) {
      try {
        const socket = await this.#options.listener.accept();
        this.#accepted++;
        this.#serve(socket);
      } catch (error) {
        if (this.#draining) return;
        // Most likely no file descriptor is left, which passes.
        this.#shed(SHED_AT_ONCE);
        this.#options.session.observer.connectionClosed?.(isExhausted(error) ? tooMany() : error);
        await sleep(ACCEPT_RETRY_MS);
      }
    }
  }

  /** Has another agent answer all that comes from now on, over the same connections. Resolves once all of them have ended. */
  async handOver(successor: Successor): Promise<void> {
    this.#successor = successor;
    for (const connection of this.#connections.all) connection.handOver(successor);
    await this.#acceptArrived(Infinity);
    while (this.#connections.size > 0 && !this.#draining) await sleep(HANDED_OVER_LOOK_MS);
  }

  /**
   * Takes no more connections and events than those that have arrived, answers them, and closes every connection: resolves then, or
   * after `graceMs`. Tells how many connections had to be cut.
   *
   * @param stopAccepting Closes the socket. What comes in nevertheless is served until all is over.
   */
  async drain(graceMs: number, stopAccepting = () => {}): Promise<number> {
    const until = performance.now() + graceMs;
    await this.#acceptArrived(until);
    this.#draining = true;
    stopAccepting();
    while (this.#connections.size > 0 && performance.now() < until) {
      for (const connection of this.#connections.all) if (connection.caughtUp()) connection.drain();
      await sleep(LOOK_MS);
    }
    this.#stopped.resolve();
    const left = this.#connections.size;
    for (const connection of this.#connections.all) connection.close();
    this.#stalls.close();
    return left;
  }

  /** Accepts what has arrived. Connections that came earlier are accepted before those that come meanwhile. */
  async #acceptArrived(until: number): Promise<void> {
    const quiet = new Quiet();
    const last = this.#accepted + MAX_BACKLOG;
    while (performance.now() < until && !quiet.look(this.#accepted) && this.#accepted < last) await sleep(LOOK_MS);
  }

  async #serve(socket: Socket): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      socket.close();
      descriptors.given();
      this.#options.session.observer.connectionClosed?.(refusal);
      return;
    }
    const connection = new Connection(
      socket,
      openSession,
      this.#options.session,
      () => this.#stalls.wake(),
      this.#memory,
    );
    const place = this.#connections.add(connection);
    if (this.#successor !== undefined) connection.handOver(this.#successor);
    this.#options.session.observer.connections?.(this.#connections.size);
    try {
      await connection.run();
    } catch (error) {
      this.#options.session.observer.connectionClosed?.(error);
    } finally {
      descriptors.given();
      place.leave();
      this.#options.session.observer.connections?.(this.#connections.size);
    }
  }

  /** Why there is no place for one more connection, even after silent connections were closed; undefined if there is a place. */
  #refusal(): ProtocolError | undefined {
    if (this.#connections.size >= MAX_CONNECTIONS && !this.#shed(1)) return overLimit();
    if (descriptors.taken()) return undefined;
    if (descriptors.none && this.#options.listener.deafens) this.#stopped.reject(deaf());
    if (!this.#shed(SHED_AT_ONCE)) return tooMany();
  }

  /** Closes up to `count` connections that have said nothing yet, the oldest first; true if there was one. */
  #shed(count: number): boolean {
    let left = count;
    for (const connection of this.#connections.all) {
      if (left === 0) break;
      if (connection.spoken) continue;
      connection.makeRoom();
      left--;
    }
    return left < count;
  }
}

function tooMany(): ProtocolError {
  return new ProtocolError(
    "CONNECTION_OVER_LIMIT",
    `Cannot serve connection as ${descriptors.left} file descriptors must be left free (ulimit -n): received fewer`,
  );
}

function deaf(): ListenError {
  return new ListenError(
    "LISTEN_DEAF",
    "Cannot go on listening as a file descriptor must be left for the next connection (ulimit -n): received none",
  );
}

function overLimit(): ProtocolError {
  return new ProtocolError(
    "CONNECTION_OVER_LIMIT",
    `Cannot serve connection as at most ${MAX_CONNECTIONS} may be open: received one more`,
  );
}
