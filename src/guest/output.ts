/**
 * What a guest prints: lines, bounded in length and rate, harmless in a log.
 *
 * @module
 */

/** Where a line came from. */
export type OutputStream = "stdout" | "stderr" | "trace" | "abort";

/** Takes a guest's finished, escaped lines. */
export type OutputSink = (stream: OutputStream, line: string) => void;

/** Takes them with the request they were printed for. */
export type GuestOutput = (stream: OutputStream, line: string, correlationId: string) => void;

/** Longest line, in bytes before escaping; the rest of a longer one is dropped. */
export const MAX_LINE_BYTES = 4096;

/** Lines taken through one {@linkcode limitRate} within a second; what is above is counted and named in one line. */
export const MAX_LINES_PER_SECOND = 100;

const decoder = new TextDecoder();

// deno-lint-ignore no-control-regex -- control characters are what this is about
const UNPRINTABLE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** `text` on one line, control characters as `\u{...}`: no guest can forge a log line or move a terminal's cursor. */
export function escapeLine(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

/** Puts bytes of one stream together to lines. */
export class LineSplitter {
  readonly #pending = new Uint8Array(MAX_LINE_BYTES);
  #length = 0;
  readonly #onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes the next bytes of the stream. */
  write(bytes: Uint8Array): void {
    let rest = bytes;
    for (;;) {
      const end = rest.indexOf(0x0a);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      const kept = piece.subarray(0, MAX_LINE_BYTES - this.#length);
      this.#pending.set(kept, this.#length);
      this.#length += kept.length;
      if (end < 0) return;
      this.flush();
      rest = rest.subarray(end + 1);
    }
  }

  /** Ends the line that has begun, if one has. */
  flush(): void {
    if (this.#length === 0) return;
    const line = decoder.decode(this.#pending.subarray(0, this.#length));
    this.#length = 0;
    this.#onLine(escapeLine(line));
  }
}

/** `output`, with lines above {@linkcode MAX_LINES_PER_SECOND} left out and counted; for all instances that follow each other. */
export function limitRate(output: GuestOutput, now: () => number = () => performance.now()): GuestOutput {
  let windowStart = -Infinity;
  let lines = 0;
  return (stream, line, correlationId) => {
    const time = now();
    if (time - windowStart >= 1000) {
      const dropped = lines - MAX_LINES_PER_SECOND;
      windowStart = time;
      lines = 0;
      if (dropped > 0) output(stream, `(${dropped} more lines within a second were left out)`, correlationId);
    }
    if (++lines <= MAX_LINES_PER_SECOND) output(stream, line, correlationId);
  };
}
