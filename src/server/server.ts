/**
 * Accepts connections and serves each until it ends.
 *
 * @module
 */

import { Connection, type Socket } from "./connection.ts";
import type { Listener } from "./listener.ts";
import type { SessionOptions } from "./session.ts";
import { StallWatch } from "./stall_watch.ts";

/** Most connections at a time: far above what proxies open, far below what file descriptors allow. */
const MAX_CONNECTIONS = 4096;
const ACCEPT_RETRY_MS = 100;
/** How long after the end of accepting events are still taken: those that were on their way. */
const LAST_EVENTS_MS = 20;
const DRAIN_POLL_MS = 5;

/** What a server is made of. */
export interface ServerOptions extends SessionOptions {
  /** Open already; the server never closes it. */
  readonly listener: Listener;
  /** Told of a connection that was closed for what its peer did, or could not be accepted. */
  readonly onConnectionError: (error: unknown) => void;
  /** Told how many connections are open, whenever that changes. */
  readonly onConnections?: (open: number) => void;
}

/** Serves all connections of one socket. */
export class Server {
  readonly #options: ServerOptions;
  readonly #connections = new Set<Connection>();
  readonly #stalls = new StallWatch();
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

  /** Accepts until {@linkcode Server.drain}. */
  async run(): Promise<void> {
    // A listener whose file is no longer its own stays open, and its last accept never ends.
    await Promise.race([this.#acceptAll(), this.#stopped.promise]);
    this.#stalls.close();
  }

  async #acceptAll(): Promise<void> {
    while (!this.#draining) {
      try {
        this.#serve(await this.#options.listener.accept());
      } catch (error) {
        if (this.#draining) break;
        // Out of file descriptors, most likely: it passes.
        this.#options.onConnectionError(error);
        await sleep(ACCEPT_RETRY_MS);
      }
    }
  }

  /**
   * Takes no more connections and events, answers those in flight, and closes every connection: resolves then, or after
   * `graceMs`. Tells how many events were left without an answer's end.
   *
   * @param stopAccepting Closes the socket.
   */
  async drain(graceMs: number, stopAccepting: () => void): Promise<number> {
    const until = performance.now() + graceMs;
    this.#draining = true;
    stopAccepting();
    this.#stopped.resolve();
    await sleep(Math.min(LAST_EVENTS_MS, graceMs));
    for (const connection of this.#connections) connection.drain();
    while (this.#connections.size > 0 && performance.now() < until) await sleep(DRAIN_POLL_MS);
    const left = this.#connections.size;
    for (const connection of this.#connections) connection.close();
    return left;
  }

  async #serve(socket: Socket): Promise<void> {
    if (this.#connections.size >= MAX_CONNECTIONS) {
      socket.close();
      this.#options.onConnectionError(
        new RangeError(`Cannot serve connection as at most ${MAX_CONNECTIONS} may be open: received one more`),
      );
      return;
    }
    const connection = new Connection(socket, this.#options, (self) => this.#stalls.add(self));
    this.#connections.add(connection);
    this.#options.onConnections?.(this.#connections.size);
    try {
      await connection.run();
    } catch (error) {
      this.#options.onConnectionError(error);
    } finally {
      this.#connections.delete(connection);
      this.#options.onConnections?.(this.#connections.size);
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
