/**
 * An HTTP server that is opened again when it fails: Deno's ends for good, and the process with it, if it cannot accept a connection
 * because no file descriptor is left (Deno 2.9.6).
 *
 * @module
 */

import { sleep } from "../sleep.ts";

/** What is needed of `Deno.serve()`. */
export interface HttpServer {
  /** Rejects if it can accept no more. */
  readonly finished: Promise<void>;
}

/** How a server is kept open. */
export interface KeptOpenOptions {
  /** Opens it; all of its connections end with the signal. */
  readonly open: (signal: AbortSignal) => HttpServer;
  /** Told when it has failed, and of each try to open it again that does. */
  readonly onFailure: (error: unknown) => void;
  /** False where it cannot be opened a second time. */
  readonly again: boolean;
  /** Between a failure and the next try, in milliseconds. */
  readonly waitMs?: number;
}

const WAIT_MS = 1_000;

/** Open until it is closed. */
export class KeptOpen {
  readonly #options: KeptOpenOptions;
  #closing = new AbortController();
  #server: HttpServer;
  #closed = false;

  /** Opens it. @throws what `open` does, this first time. */
  constructor(options: KeptOpenOptions) {
    this.#options = options;
    this.#server = options.open(this.#closing.signal);
    this.#watch();
  }

  /** Ends it and all of its connections. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    await this.#server.finished.catch(() => {});
  }

  #watch(): void {
    this.#server.finished.catch((error) => this.#failed(error));
  }

  async #failed(error: unknown): Promise<void> {
    const { open, onFailure, again, waitMs = WAIT_MS } = this.#options;
    // Who holds the descriptors may well be who has connected here.
    this.#closing.abort();
    for (let reason = error;;) {
      if (this.#closed) return;
      onFailure(reason);
      if (!again) return;
      await sleep(waitMs);
      if (this.#closed) return;
      try {
        this.#closing = new AbortController();
        this.#server = open(this.#closing.signal);
        return this.#watch();
      } catch (cause) {
        reason = cause;
      }
    }
  }
}
