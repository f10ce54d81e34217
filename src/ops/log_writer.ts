/**
 * Log lines on their way to stderr.
 *
 * Writing is asynchronous, so that whoever reads the log cannot hold up the agent; what a slow reader leaves waiting is bounded,
 * and what did not fit is counted in a line of its own.
 *
 * @module
 */

const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_FLUSH_MS = 1_000;

/** Where lines end up: what is needed of `Deno.stderr`. */
export interface LineSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes lines in order, never waiting. */
export class LogWriter {
  readonly #sink: LineSink;
  readonly #describeDropped: (count: number) => string;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  /** @param describeDropped The line that says how many were left out. */
  constructor(sink: LineSink, describeDropped: (count: number) => string) {
    this.#sink = sink;
    this.#describeDropped = describeDropped;
  }

  /** Takes a line, its newline included. */
  write(line: string): void {
    if (this.#waitingBytes + line.length > MAX_WAITING_BYTES) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all is written, or after a second. */
  async flush(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, MAX_FLUSH_MS);
    await Promise.race([this.#writing, promise]);
    clearTimeout(timer);
  }

  async #writeAll(): Promise<void> {
    try {
      // What comes in the same turn of the event loop goes out together.
      await Promise.resolve();
      while (this.#waiting.length > 0) {
        const text = this.#waiting.join("");
        this.#waiting = [];
        for (let rest = encoder.encode(text); rest.length > 0;) rest = rest.subarray(await this.#sink.write(rest));
        this.#waitingBytes -= text.length;
        if (this.#dropped > 0) {
          const line = this.#describeDropped(this.#dropped);
          this.#waiting.push(line);
          this.#waitingBytes += line.length;
          this.#dropped = 0;
        }
      }
    } catch {
      // Nobody reads the log any more: the agent goes on without it.
      this.#waiting = [];
      this.#waitingBytes = 0;
    } finally {
      this.#writing = undefined;
    }
  }
}

const encoder = new TextEncoder();
