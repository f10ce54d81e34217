/**
 * A connection's output: replies are gathered while a write is under way, so that one write carries many.
 *
 * @module
 */

import type { ByteWriter } from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { Outgoing } from "./outgoing.ts";
import type { Outbox } from "./session.ts";

/** Longest piece of one write, in bytes. Only the end of a write shows that the peer still takes bytes, so no write may be too long. */
const PIECE_BYTES = 64 * 1024;
/** To write this many bytes of replies takes so long that the clock must be read again. */
const LONG_BYTES = 16 * 1024;
const NOTHING = new Uint8Array(0);

/** What is needed of a socket to write to it. */
export interface WritableSocket {
  /** Resolves to the number of bytes taken. With no bytes to take, rejects if the peer is gone. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Callbacks of an output. */
export interface OutputEvents {
  /** Called when everything has been written. */
  readonly onIdle: () => void;
  /** Called when a write fails, because the peer is gone. */
  readonly onFailure: () => void;
  /** Called when a write may take long. */
  readonly onWaiting: () => void;
  /** Called when the earliest of `frames` answers an event that arrived `ageMs` ago. The frames that are left when this returns are sent. */
  readonly onAge: (frames: Outgoing, ageMs: number) => void;
  /** Called with the number of bytes and of frames that are handed to the system. */
  readonly onSend?: (bytes: number, frames: number) => void;
}

/** Writes in order, one write at a time. */
export class Output implements Outbox {
  readonly #socket: WritableSocket;
  readonly #events: OutputEvents;
  readonly #maxAgeMs: () => number;
  /** Undefined while nothing is put, because most connections have nothing to say most of the time. */
  #filling: Outgoing | undefined;
  #leaving: Outgoing | undefined;
  #rest: Uint8Array = NOTHING;
  #writing = false;
  #progressAt = Infinity;
  #waiters: (() => void)[] = [];

  /** @param maxAgeMs Age of an event from which on its reply is not handed over without asking. */
  constructor(socket: WritableSocket, maxAgeMs: () => number, events: OutputEvents) {
    this.#socket = socket;
    this.#maxAgeMs = maxAgeMs;
    this.#events = events;
  }

  get out(): ByteWriter {
    return (this.#filling ??= Outgoing.take()).bytes;
  }

  framed(at: number): void {
    this.#filling?.framed(at);
  }

  /** Bytes put and not flushed yet. */
  get gathered(): number {
    return this.#filling === undefined ? 0 : this.#filling.bytes.length;
  }

  /** True when nothing is to be written. */
  get idle(): boolean {
    return !this.#writing && this.gathered === 0;
  }

  /** True while a write is under way. */
  get writing(): boolean {
    return this.#writing;
  }

  /** Bytes put and not taken by the peer yet. */
  get waitingBytes(): number {
    return this.#rest.length + this.gathered;
  }

  /** When the peer last took something of the write under way, or that began, on `performance.now()`; Infinity without one. */
  get progressAt(): number {
    return this.#progressAt;
  }

  flush(): void {
    const frames = this.#filling;
    if (this.#writing || frames === undefined || frames.bytes.length === 0) return;
    const time = frames.bytes.length > LONG_BYTES ? now() : lastNow();
    const ageMs = time - frames.earliest;
    if (ageMs > this.#maxAgeMs()) {
      this.#events.onAge(frames, ageMs);
      if (frames.bytes.length === 0) return;
    }
    this.#events.onSend?.(frames.bytes.length, frames.count);
    this.#filling = undefined;
    this.#leaving = frames;
    this.#rest = frames.bytes.written;
    this.#writing = true;
    this.#progressAt = time;
    this.#write();
  }

  /** Resolves when what was flushed is written, or cannot be. */
  flushed(): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  // It uses callbacks instead of an async function, because it runs once a request.
  #write(): void {
    let piece = this.#rest;
    if (piece.length > PIECE_BYTES) {
      piece = piece.subarray(0, PIECE_BYTES);
      this.#events.onWaiting();
    }
    this.#socket.write(piece).then(this.#onWritten, this.#onFailed);
  }

  readonly #onWritten = (count: number): void => {
    if (count < this.#rest.length) {
      this.#rest = this.#rest.subarray(count);
      this.#progressAt = now();
      return this.#write();
    }
    this.#leaving?.release();
    this.#end();
    if (this.gathered > 0) {
      // What was put meanwhile may have waited for as long as the peer took to read.
      now();
      this.flush();
    }
    if (this.#writing) return;
    this.#wake();
    this.#events.onIdle();
  };

  readonly #onFailed = (): void => {
    this.#end();
    this.#wake();
    this.#events.onFailure();
  };

  #end(): void {
    this.#writing = false;
    this.#leaving = undefined;
    this.#rest = NOTHING;
    this.#progressAt = Infinity;
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
