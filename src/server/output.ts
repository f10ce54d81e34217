/**
 * A connection's output: replies are gathered while a write is under way, so that one write carries many.
 *
 * @module
 */

import { ByteWriter } from "../protocol/mod.ts";
import { lastNow } from "../time.ts";
import type { Outbox } from "./session.ts";

/** What is needed of a socket to write to it. */
export interface WritableSocket {
  /** Resolves to the number of bytes taken. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes in order, one write at a time. */
export class Output implements Outbox {
  readonly #socket: WritableSocket;
  readonly #onIdle: () => void;
  readonly #onFailure: () => void;
  readonly #buffers = [new ByteWriter(), new ByteWriter()] as const;
  #filling: 0 | 1 = 0;
  #rest: Uint8Array = new Uint8Array(0);
  #writing = false;
  #writingSince = Infinity;
  #waiters: (() => void)[] = [];

  /** @param onIdle Told when all is written. @param onFailure Told when the peer takes no more. */
  constructor(socket: WritableSocket, onIdle: () => void, onFailure: () => void) {
    this.#socket = socket;
    this.#onIdle = onIdle;
    this.#onFailure = onFailure;
  }

  get out(): ByteWriter {
    return this.#buffers[this.#filling];
  }

  /** True when nothing is to be written. */
  get idle(): boolean {
    return !this.#writing && this.out.length === 0;
  }

  /** True while a write is under way. */
  get writing(): boolean {
    return this.#writing;
  }

  /** When the write under way began, on `performance.now()`; Infinity while there is none. */
  get writingSince(): number {
    return this.#writingSince;
  }

  flush(): void {
    if (this.#writing || this.out.length === 0) return;
    this.#rest = this.out.written;
    this.#filling = this.#filling === 0 ? 1 : 0;
    this.#writing = true;
    this.#writingSince = lastNow();
    this.#write();
  }

  /** Resolves when what was flushed is written, or cannot be. */
  flushed(): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  // Callbacks and no async function: this runs once a request.
  #write(): void {
    this.#socket.write(this.#rest).then(this.#onWritten, this.#onFailed);
  }

  readonly #onWritten = (count: number): void => {
    if (count < this.#rest.length) {
      this.#rest = this.#rest.subarray(count);
      return this.#write();
    }
    this.#buffers[this.#filling === 0 ? 1 : 0].clear();
    this.#writing = false;
    if (this.out.length > 0) return this.flush();
    this.#end();
    this.#onIdle();
  };

  readonly #onFailed = (): void => {
    this.#writing = false;
    this.#end();
    this.#onFailure();
  };

  #end(): void {
    this.#writingSince = Infinity;
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
