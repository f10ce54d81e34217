/**
 * A connection of `node:net` as the {@linkcode Socket} that the rest of this folder knows.
 *
 * @module
 */

import type { Socket as NetSocket } from "node:net";
import type { Socket } from "./connection.ts";

/** Bytes that may wait to be read before the peer has to wait. */
const MAX_WAITING_BYTES = 256 * 1024;

/** Reads and writes by promises. */
export class NodeSocket implements Socket {
  readonly #socket: NetSocket;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #ended = false;
  #failure: Error | undefined;
  #onChange = () => {};

  /** @param socket One that allows a half-open connection: a peer that has said all may still listen. */
  constructor(socket: NetSocket) {
    this.#socket = socket;
    socket.on("data", (bytes: Uint8Array) => {
      this.#waiting.push(bytes);
      this.#waitingBytes += bytes.length;
      if (this.#waitingBytes > MAX_WAITING_BYTES) socket.pause();
      this.#onChange();
    });
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
    socket.on("error", (error: Error) => {
      this.#failure ??= error;
      this.#end();
    });
  }

  async read(target: Uint8Array): Promise<number | null> {
    while (this.#waiting.length === 0) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#onChange = resolve);
    }
    return this.#take(target);
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
    });
  }

  close(): void {
    this.#socket.destroy();
    this.#end();
  }

  /** Copies as many of the waiting bytes as there is room for. */
  #take(target: Uint8Array): number {
    let taken = 0;
    for (let next = this.#waiting[0]; next !== undefined && taken < target.length; next = this.#waiting[0]) {
      const piece = next.subarray(0, target.length - taken);
      target.set(piece, taken);
      taken += piece.length;
      if (piece.length < next.length) this.#waiting[0] = next.subarray(piece.length);
      else this.#waiting.shift();
    }
    this.#waitingBytes -= taken;
    if (this.#waitingBytes <= MAX_WAITING_BYTES && this.#socket.isPaused()) this.#socket.resume();
    return taken;
  }

  #end(): void {
    this.#ended = true;
    this.#onChange();
  }
}
