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

/** Lines that {@linkcode LastWords} keeps, and bytes of each. */
const KEPT_LINES = 64, KEPT_BYTES = 256;
/** Longest text made of them, in characters. */
const MAX_LAST_WORDS = 512;

/** What runtimes print when they give up. */
const FAREWELL = /\bpanic|^fatal error|\bassert|\babort|^(uncaught|unhandled|terminate|libc\+\+abi)\b/i;
/** What follows of less use: stacks, which the host has better, and advice. */
const EPILOGUE = /^(goroutine \d|note: |stack backtrace:|\[signal |Cannot print stack)/;

const decoder = new TextDecoder();

/**
 * The last lines of one call, for the case that it fails: a runtime says why before it traps. They are kept as bytes, because
 * hardly any is ever read, and whether the log takes them or not, because a module that prints much fails as others do.
 */
export class LastWords {
  readonly #streams: { flush(): void }[] = [];
  /** There is none before something is printed. */
  #lines: Uint8Array | undefined;
  #lengths: Uint16Array | undefined;
  #count = 0;

  /** Lines of this stream that have begun are ended when the call fails. */
  watch(stream: { flush(): void }): void {
    this.#streams.push(stream);
  }

  /** A call begins. */
  clear(): void {
    this.#count = 0;
  }

  /** Keeps the beginning of a line, or of several, in UTF-8. */
  note(line: Uint8Array): void {
    const kept = line.subarray(0, KEPT_BYTES);
    const slot = this.#count++ % KEPT_LINES;
    (this.#lines ??= new Uint8Array(KEPT_LINES * KEPT_BYTES)).set(kept, slot * KEPT_BYTES);
    (this.#lengths ??= new Uint16Array(KEPT_LINES))[slot] = kept.length;
  }

  /** Two lines from where a runtime begins to say why it gives up, or else the last line; undefined if there was none. */
  take(): string | undefined {
    for (const stream of this.#streams) stream.flush();
    const lines = this.#all();
    const from = lines.findIndex((line) => FAREWELL.test(line));
    const last = lines.at(-1);
    if (from < 0) return last;
    const said = lines.slice(from);
    const end = said.findIndex((line) => EPILOGUE.test(line));
    return escapeText(said.slice(0, Math.min(2, end < 0 ? 2 : end)).join(" "), MAX_LAST_WORDS);
  }

  #all(): readonly string[] {
    const lines = this.#lines;
    if (lines === undefined) return [];
    const first = Math.max(0, this.#count - KEPT_LINES);
    const kept = Array.from({ length: this.#count - first }, (_, index) => {
      const slot = (first + index) % KEPT_LINES;
      const at = slot * KEPT_BYTES;
      return decoder.decode(lines.subarray(at, at + (this.#lengths?.[slot] ?? 0)));
    });
    return kept.flatMap((text) => text.split("\n"))
      .map((line) => escapeText(line.trim(), MAX_LAST_WORDS))
      .filter((line) => line !== "");
  }
}

/** Puts bytes of one stream together to lines. */
export class LineSplitter {
  readonly #pending = new Uint8Array(MAX_LINE_BYTES);
  #length = 0;
  readonly #onLine: (line: () => string) => void;
  readonly #lastWords: LastWords | undefined;

  /**
   * @param onLine Makes the line's text at once or never.
   * @param lastWords Keeps the lines, too.
   */
  constructor(onLine: (line: () => string) => void, lastWords?: LastWords) {
    this.#onLine = onLine;
    this.#lastWords = lastWords;
    lastWords?.watch(this);
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
    this.#lastWords?.note(bytes);
    this.#onLine(() => escapeText(decoder.decode(bytes), MAX_LINE_BYTES));
  }
}
