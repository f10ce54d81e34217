/**
 * The file of a recording, of bounded size: a full one takes the place of the one before.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { escapeText, quoted } from "../escape.ts";
import type { LineSink } from "../ops/mod.ts";
import { now } from "../time.ts";

/** Nobody else may read what passes through a proxy. */
const MODE = 0o600;
const OTHERS = 0o077;
const NEWLINE = 0x0a;
/** How often it is looked whether the file still has its name. */
const LOOK_MS = 1_000;

/** Appends lines to a file. One write at a time. */
export class RecordFile implements LineSink {
  readonly #path: string;
  readonly #older: string;
  readonly #maxBytes: number;
  readonly #openFile: typeof Deno.open;
  readonly #lookMs: number;
  #file: Deno.FsFile | undefined;
  #lookAt = 0;
  #size = 0;
  /** Where the line begins that was written to last. */
  #lineStart = 0;
  /** True if the next byte begins a line. */
  #atStart = true;

  private constructor(path: string, older: string, maxBytes: number, openFile: typeof Deno.open, lookMs: number) {
    this.#openFile = openFile;
    this.#lookMs = lookMs;
    this.#path = path;
    this.#older = older;
    this.#maxBytes = Math.floor(maxBytes / 2);
  }

  /**
   * Opens a file, or makes it.
   *
   * @param older What a full one becomes.
   * @param maxBytes Of both together. A line may be no longer than half of it.
   * @param openFile For tests, as `lookMs` is.
   * @throws {ConfigError} `OUTPUT_UNWRITABLE`
   */
  static async open(
    path: string,
    older: string,
    maxBytes: number,
    openFile = Deno.open,
    lookMs = LOOK_MS,
  ): Promise<RecordFile> {
    const file = new RecordFile(path, older, maxBytes, openFile, lookMs);
    try {
      await file.#open();
      return file;
    } catch (cause) {
      if (cause instanceof ConfigError) throw cause;
      const paths = `${escapeText(path)},${escapeText(older)}`;
      const grant = ` (grant --allow-read=${paths} --allow-write=${paths})`;
      const advice = cause instanceof Deno.errors.NotCapable ? grant : "";
      throw unwritable(path, `${quoted(cause instanceof Error ? cause.message : String(cause))}${advice}`, cause);
    }
  }

  /** Writes some of the bytes; how many. */
  async write(bytes: Uint8Array): Promise<number> {
    const file = await this.#current();
    let end = bytes.length;
    if (this.#size + end > this.#maxBytes) {
      const fitting = bytes.subarray(0, Math.max(0, this.#maxBytes - this.#size)).lastIndexOf(NEWLINE) + 1;
      if (fitting === 0 && this.#size > 0 && this.#atStart) {
        await this.#rotate(file);
        return await this.write(bytes);
      }
      // A line that has begun stays in one file.
      end = fitting > 0 ? fitting : bytes.indexOf(NEWLINE) + 1 || bytes.length;
    }
    try {
      const count = await file.write(bytes.subarray(0, end));
      const last = bytes.subarray(0, count).lastIndexOf(NEWLINE);
      if (last >= 0) this.#lineStart = this.#size + last + 1;
      this.#size += count;
      this.#atStart = bytes[count - 1] === NEWLINE;
      return count;
    } catch (error) {
      await this.#takeBack(file);
      // Whoever makes room by removing the file gets a new one.
      this.#lookAt = 0;
      throw error;
    }
  }

  /** Gives the file up. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  /** A file that was removed, or renamed by who rotates logs, is not written to for long. */
  async #current(): Promise<Deno.FsFile> {
    const file = this.#file;
    if (file === undefined) return await this.#open();
    if (!this.#atStart || now() < this.#lookAt) return file;
    this.#lookAt = now() + this.#lookMs;
    if (await this.#isAtPath(file)) return file;
    this.close();
    return await this.#open();
  }

  async #isAtPath(file: Deno.FsFile): Promise<boolean> {
    const { ino } = await file.stat();
    return (await Deno.lstat(this.#path).catch(() => undefined))?.ino === ino;
  }

  async #open(): Promise<Deno.FsFile> {
    await this.#refuseOthers();
    const file = await this.#openFile(this.#path, { append: true, create: true, mode: MODE });
    try {
      const { size, mode } = await file.stat();
      if (((mode ?? 0) & OTHERS) !== 0) await Deno.chmod(this.#path, MODE);
      this.#lookAt = now() + this.#lookMs;
      this.#size = size;
      this.#lineStart = size;
      this.#atStart = true;
      if (size > 0 && !await this.#endsWithLine()) {
        this.#size += await file.write(Uint8Array.of(NEWLINE));
        this.#lineStart = this.#size;
      }
      return this.#file = file;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The kind of file is asked for first, because to open a pipe waits for its reader. */
  async #refuseOthers(): Promise<void> {
    try {
      const { isFile } = await Deno.lstat(this.#path);
      if (!isFile) throw unwritable(this.#path, "another kind of file");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Half a line on a full disk is of no use to those who read the file. */
  async #takeBack(file: Deno.FsFile): Promise<void> {
    // Another agent may have written behind it.
    if (this.#atStart || (await file.stat()).size !== this.#size) return;
    await file.truncate(this.#lineStart);
    this.#size = this.#lineStart;
    this.#atStart = true;
  }

  /** A process that was killed may have left a part of a line. */
  async #endsWithLine(): Promise<boolean> {
    using file = await Deno.open(this.#path);
    await file.seek(-1, Deno.SeekMode.End);
    const last = new Uint8Array(1);
    await file.read(last);
    return last[0] === NEWLINE;
  }

  /** Another agent that records into the same file may have done this already. Then this one goes on with the new file. */
  async #rotate(file: Deno.FsFile): Promise<void> {
    if (await this.#isAtPath(file)) await Deno.rename(this.#path, this.#older);
    this.close();
    await this.#open();
  }
}

function unwritable(path: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError(
    "OUTPUT_UNWRITABLE",
    `Cannot record into ${quoted(path)} as it must be a regular file that may be written: received ${received}`,
    { cause },
  );
}
