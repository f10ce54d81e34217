/**
 * What a guest prints: lines, bounded in length and rate, harmless in a log.
 *
 * @module
 */

import { escapeText } from "../escape.ts";

/** Where a line came from. */
export type OutputStream = "stdout" | "stderr" | "trace" | "abort" | "log";

/** How much a line matters; those of streams are `info`. */
export type OutputLevel = "error" | "warning" | "info" | "debug";

/** Takes a guest's lines; `line` makes one, escaped, if it is wanted at all: a guest may print more than anybody reads. */
export type OutputSink = (stream: OutputStream, line: () => string, level?: OutputLevel) => void;

/** Takes finished lines with the request they were printed for. */
export type GuestOutput = (stream: OutputStream, line: string, correlationId: string, level: OutputLevel) => void;

/** Longest line, in bytes before escaping and in characters after it; the rest of a longer one is dropped. */
export const MAX_LINE_BYTES = 4096;

/** Lines that are taken of a module within a second, and as many again of level `debug`; what is above is counted and told in one line of the log. */
export const MAX_LINES_PER_SECOND = 100;

const decoder = new TextDecoder();

/** Puts bytes of one stream together to lines. */
export class LineSplitter {
  readonly #pending = new Uint8Array(MAX_LINE_BYTES);
  #length = 0;
  readonly #onLine: (line: () => string) => void;

  /** @param onLine Makes the line's text at once or never. */
  constructor(onLine: (line: () => string) => void) {
    this.#onLine = onLine;
  }

  /** Takes the next bytes of the stream. */
  write(bytes: Uint8Array): void {
    let start = 0;
    while (start < bytes.length) {
      const found = bytes.indexOf(0x0a, start);
      const end = found < 0 ? bytes.length : found;
      // Most bytes of a flood are newlines: no object for an empty line.
      if (end > start) this.#keep(bytes.subarray(start, Math.min(end, start + MAX_LINE_BYTES - this.#length)));
      if (found < 0) return;
      this.flush();
      start = found + 1;
    }
  }

  #keep(bytes: Uint8Array): void {
    this.#pending.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Ends the line that has begun, if one has. */
  flush(): void {
    if (this.#length === 0) return;
    const bytes = this.#pending.subarray(0, this.#length);
    this.#length = 0;
    this.#onLine(() => escapeText(decoder.decode(bytes), MAX_LINE_BYTES));
  }
}
