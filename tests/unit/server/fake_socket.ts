/**
 * A socket without a system underneath: what it reads is pushed by the test, what was written can be looked at.
 *
 * @module
 */

import type { Socket } from "../../../src/server/connection.ts";
import { sleep } from "../../../src/sleep.ts";

/** The proxy's end is the test. */
export class FakeSocket implements Socket {
  readonly #incoming: Uint8Array[] = [];
  readonly #outgoing: Uint8Array[] = [];
  #ended = false;
  #gone = false;
  #reader: PromiseWithResolvers<void> | undefined;
  #gate: PromiseWithResolvers<void> | undefined;
  /** Most bytes that one write takes. */
  writePiece = Infinity;
  closed = false;

  /** Bytes the proxy sends. */
  push(...pieces: readonly Uint8Array[]): void {
    this.#incoming.push(...pieces.filter((piece) => piece.length > 0));
    this.#reader?.resolve();
  }

  /** The proxy is gone altogether: it listens no more either. */
  async leave(): Promise<void> {
    this.#gone = true;
    await this.hangUp();
  }

  /** The proxy closes its side, once it has seen the answers to what it sent. */
  async hangUp(): Promise<void> {
    await settle();
    this.#ended = true;
    this.#reader?.resolve();
  }

  /** The proxy stops reading: writes are not finished from now on. */
  stopReading(): void {
    this.#gate ??= Promise.withResolvers();
  }

  /** The proxy reads as much as one write takes, and stops again. */
  readOnce(): void {
    this.#gate?.resolve();
    this.#gate = Promise.withResolvers();
  }

  /** The proxy reads again. */
  goOnReading(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** All bytes written so far. */
  get written(): Uint8Array {
    const bytes = new Uint8Array(this.#outgoing.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.#outgoing) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** Bytes pushed that nobody has read. */
  get unread(): number {
    return this.#incoming.reduce((sum, piece) => sum + piece.length, 0);
  }

  async read(target: Uint8Array): Promise<number | null> {
    if (target.length === 0) throw new RangeError("a read into no room would never end");
    while (!this.closed && this.#incoming.length === 0 && !this.#ended) {
      this.#reader = Promise.withResolvers();
      await this.#reader.promise;
    }
    if (this.closed) throw new Deno.errors.Interrupted("closed");
    const next = this.#incoming[0];
    if (next === undefined) return null;
    const taken = next.subarray(0, target.length);
    target.set(taken);
    if (taken.length < next.length) this.#incoming[0] = next.subarray(taken.length);
    else this.#incoming.shift();
    return taken.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.#gate?.promise;
    if (this.closed || this.#gone) throw new Deno.errors.BrokenPipe("closed");
    const taken = bytes.slice(0, this.writePiece);
    this.#outgoing.push(taken);
    return taken.length;
  }

  close(): void {
    if (this.closed) throw new TypeError("closed twice");
    this.closed = true;
    this.#reader?.resolve();
    this.#gate?.resolve();
  }
}

/** Lets everything happen that is due. */
export function settle(): Promise<void> {
  return sleep(0);
}
