/**
 * The recording of an agent: what all event loops record, written by one. It is loaded only where something is recorded.
 *
 * @module
 */

import { olderRecord, type RecordConfig } from "../config/mod.ts";
import { type Log, LogWriter, type Observer } from "../ops/mod.ts";
import { RecordFile } from "./record_file.ts";
import { Recorder } from "./recorder.ts";

const TELL_AFTER_MS = 1_000;

/** Writes lines of all event loops, and never has one of them wait. */
export class Recording implements AsyncDisposable {
  /** Records the main thread's events. */
  readonly recorder: Observer;
  readonly #file: RecordFile;
  readonly #writer: LogWriter;
  readonly #log: Log;
  #leftOut = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(config: RecordConfig, file: RecordFile, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#writer = new LogWriter(file, (count) => {
      this.leftOut(count);
      // Nothing but events stands in the file.
      return "";
    });
    this.recorder = new Recorder(config, this.write, () => this.leftOut(1));
  }

  /** Begins one, or goes on with the file that is there. @throws {ConfigError} `OUTPUT_UNWRITABLE` */
  static async open(config: RecordConfig, log: Log): Promise<Recording> {
    const { path, maxBytes } = config;
    return new Recording(config, await RecordFile.open(path, olderRecord(path), maxBytes), log);
  }

  /** Takes a line, its newline included. */
  readonly write = (line: string): void => this.#writer.write(line);

  /** Counts events that are not in the file; the log is told within a second. */
  leftOut(count: number): void {
    this.#leftOut += count;
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#tell(), TELL_AFTER_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Writes what waits, for a second at most. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.flush();
    this.#leftOut += this.#writer.untold;
    this.#tell();
    this.#file.close();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#leftOut > 0) this.#log.warning("events not recorded", { count: this.#leftOut });
    this.#leftOut = 0;
  }
}
