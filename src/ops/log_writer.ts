/**
 * Log lines on their way to stderr.
 *
 * Writing is asynchronous, so that a slow reader of the log cannot hold up the agent; what such a reader leaves waiting is bounded,
 * and what did not fit, or could not be written, is counted in a line of its own.
 *
 * @module
 */

import { sleep, within } from "../sleep.ts";

const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_FLUSH_MS = 1_000;
/** Time between two tries of a write that would block, because another process that shares stderr may have made it non-blocking. */
const FIRST_RETRY_MS = 1;
const MAX_RETRY_MS = 50;
const NEWLINE = 0x0a;

/** Where lines end up: what is needed of `Deno.stderr`. */
export interface LineSink {
  /** Writes some of the bytes; how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes lines in order, never waiting. */
export class LogWriter {
  readonly #sink: LineSink;
  readonly #describeDropped: (count: number) => string;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  /** True if a write has failed in the midst of a line. */
  #cutShort = false;
  #writing: Promise<void> | undefined;

  /** Writes nothing yet. @param describeDropped The line that says how many were left out; it may be empty. */
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

  /** Lines that are lost, of which nobody has been told yet: that is done with the next line. */
  get untold(): number {
    return this.#dropped;
  }

  /** Resolves when all is written, or after a second. */
  async flush(): Promise<void> {
    if (this.#writing !== undefined) await within(MAX_FLUSH_MS, this.#writing);
  }

  async #writeAll(): Promise<void> {
    // Lines that come in the same turn of the event loop are written together.
    await Promise.resolve();
    let failed = false;
    while (this.#waiting.length > 0 || (this.#dropped > 0 && !failed)) {
      const length = this.#waitingBytes;
      const dropped = this.#dropped;
      const note = dropped > 0 ? this.#describeDropped(dropped) : "";
      const ending = this.#cutShort ? "\n" : "";
      const text = ending + this.#waiting.join("") + note;
      this.#waiting = [];
      this.#dropped = 0;
      const lost = await this.#writeOut(encoder.encode(text), ending.length);
      this.#waitingBytes -= length;
      failed = lost > 0;
      // The note is the last of the lost lines, so the lines that it counted are counted again.
      if (failed) this.#dropped += lost + (note === "" ? 0 : dropped - 1);
    }
    this.#writing = undefined;
  }

  /** Tells how many lines could not be written: nobody reads the log any more, or its disk is full. */
  async #writeOut(bytes: Uint8Array, ending: number): Promise<number> {
    let at = 0;
    let retryMs = FIRST_RETRY_MS;
    while (at < bytes.length) {
      try {
        at += await this.#sink.write(bytes.subarray(at));
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock)) {
          this.#cutShort = at > 0 ? bytes[at - 1] !== NEWLINE : this.#cutShort;
          // What only ends a line that was lost before is none itself.
          return bytes.subarray(Math.max(at, ending)).reduce((lines, byte) => byte === NEWLINE ? lines + 1 : lines, 0);
        }
        await sleep(retryMs);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
    this.#cutShort = false;
    return 0;
  }
}

const encoder = new TextEncoder();
