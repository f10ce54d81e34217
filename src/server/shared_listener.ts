/**
 * A listening socket that several threads accept connections from, each on an event loop of its own.
 *
 * Only `node:net` can listen on a socket that is open already. It takes a fifth more processor time a request than Deno's own
 * listener, so one event loop alone has that.
 *
 * @module
 */

import type { Server, Socket as NetSocket } from "node:net";
import { ListenError } from "../errors.ts";
import type { Socket } from "./connection.ts";
import type { Listener } from "./listener.ts";
import { NodeSocket } from "./node_socket.ts";

/** Accepts for one thread. */
export class SharedListener implements Listener {
  readonly deafens = true;
  readonly #server: Server;
  readonly #accepted: NetSocket[] = [];
  #onAccepted = () => {};

  /** Accepts what `server`, which listens, takes. */
  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: NetSocket) => {
      this.#accepted.push(socket);
      this.#onAccepted();
    });
  }

  /** Makes the socket file, and listens. */
  static open(path: string): Promise<SharedListener> {
    return listen({ path });
  }

  /** Listens on a socket on which another thread, or the parent process, listens already. */
  static join(fd: number): Promise<SharedListener> {
    return listen({ fd });
  }

  /** To be joined by other threads as long as this listener is open. @throws {ListenError} where `node:net` does not tell. */
  get fd(): number {
    const handle: unknown = Reflect.get(this.#server, "_handle");
    const fd: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
    if (typeof fd === "number" && fd >= 0) return fd;
    throw new ListenError(
      "LISTEN_NOT_SHARED",
      `Cannot share socket among lanes as its descriptor must be known: received ${fd} (leave --lanes out)`,
    );
  }

  async accept(): Promise<Socket> {
    for (;;) {
      const socket = this.#accepted.shift();
      if (socket !== undefined) return new NodeSocket(socket);
      await new Promise<void>((resolve) => this.#onAccepted = resolve);
    }
  }

  /** Takes no more connections in any thread, and removes the file; to be called where it was opened. */
  close(): void {
    this.#server.close();
  }
}

/** `node:net` is loaded here, because an agent with one event loop never needs it in memory. */
async function listen(where: { readonly path: string } | { readonly fd: number }): Promise<SharedListener> {
  const { createServer } = await import("node:net");
  const server = createServer({ allowHalfOpen: true });
  const listener = new SharedListener(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return listener;
}
