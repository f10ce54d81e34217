/**
 * File descriptors that are left free, because two things must not fail for want of one (Deno 2.9.6): a thread that starts without
 * panics and ends the process, and a listener of `node:net` that has failed to accept is deaf for good, without a word.
 *
 * How many a process may have is told by `/proc/self/limits` alone, which no grant but all opens. So it is found out how many are left,
 * up to some, by opening a file as often; from there on it is counted what comes and goes, until it may be too few again.
 *
 * @module
 */

import { PoolError } from "./errors.ts";
import { sleep } from "./sleep.ts";
import { now } from "./time.ts";

/** What a thread takes while it starts: six stay, more are for the files that it loads. */
const THREAD = 16;
/** What one event loop may take before it can look again: with a listener of `node:net` all connections that wait. */
const ACCEPTED = 8, ACCEPTED_TOGETHER = 64;
/** How many more are looked for, so that the next look is not due at once. */
const BEYOND = 64;
/** With so few left for each event loop a listener of `node:net` is taken to have failed. */
const NEXT_TO_NONE = 4;
/** How long few are taken to be few, in milliseconds, because the look at it is not free: some 20 us a descriptor. */
const FEW_MS = 100;

/**
 * Words of the shared memory: how many are known to be free, how many are to be left free, and who is busy: -1 while an event loop
 * looks, else the number of threads that are being started.
 */
const FREE = 0, LEFT = 1, BUSY = 2, WORDS = 3;

/** A file that is open. */
export interface OpenFile {
  /** Gives the descriptor back. */
  close(): void;
}

/** The free descriptors of the process, as one event loop knows them. */
export class Descriptors {
  #open: (() => OpenFile) | undefined;
  #shared = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
  #fewUntil = -Infinity;
  #none = false;
  #lanes = 1;

  /** Counts from now on. @param open Opens any file. @param shared What the event loop has that was the first to count. */
  count(open: () => OpenFile, shared?: Int32Array<SharedArrayBuffer>): void {
    this.#open = open;
    if (shared === undefined) return this.shareAmong(1);
    this.#shared = shared;
    this.#lanes = 2;
  }

  /** Says how many event loops accept connections, each of which needs its share; at most half of what is free is left so. */
  shareAmong(lanes: number): void {
    this.#lanes = lanes;
    const left = THREAD + (lanes === 1 ? ACCEPTED : ACCEPTED_TOGETHER * lanes);
    Atomics.store(this.#shared, LEFT, left);
    this.#look();
    if (this.#open !== undefined) {
      Atomics.store(this.#shared, LEFT, Math.min(left, Atomics.load(this.#shared, FREE) >> 1));
    }
  }

  /** How many are to be left free. */
  get left(): number {
    return Atomics.load(this.#shared, LEFT);
  }

  /** For other event loops to count in. */
  get shared(): Int32Array<SharedArrayBuffer> {
    return this.#shared;
  }

  /** True if next to none were left when it was last looked. */
  get none(): boolean {
    return this.#none;
  }

  /** Says that some have been taken; false if fewer are left than should be. */
  taken(count = 1): boolean {
    if (this.#open === undefined) return true;
    if (Atomics.sub(this.#shared, FREE, count) - count >= this.left) return true;
    if (now() >= this.#fewUntil) return this.#look();
    this.#none = this.#lanes > 1 && this.#isNextToNone();
    return false;
  }

  /** Says that one is free again. */
  given(): void {
    Atomics.add(this.#shared, FREE, 1);
  }

  /** Starts a thread; nobody looks until it is there. @throws {PoolError} `POOL_THREAD_FAILED` where it would end the process */
  async startThread<T>(start: () => Promise<T>): Promise<T> {
    // Threads that have ended gave theirs back uncounted, and while one starts nobody may look. Not all that is taken is counted either.
    const isFew = Atomics.load(this.#shared, FREE) - THREAD < this.left;
    const free = this.#find(isFew ? this.left + BEYOND : THREAD);
    if (free !== undefined && free < THREAD) throw tooFew(free);
    for (;;) {
      const busy = Atomics.load(this.#shared, BUSY);
      if (busy >= 0 && Atomics.compareExchange(this.#shared, BUSY, busy, busy + 1) === busy) break;
      await sleep(1);
    }
    this.taken(THREAD);
    try {
      return await start();
    } finally {
      Atomics.sub(this.#shared, BUSY, 1);
    }
  }

  #isNextToNone(): boolean {
    if (Atomics.compareExchange(this.#shared, BUSY, 0, -1) !== 0) return false;
    const count = this.#opened(NEXT_TO_NONE * this.#lanes);
    Atomics.store(this.#shared, BUSY, 0);
    return count < NEXT_TO_NONE * this.#lanes;
  }

  /** Looks how many are free; true if there are enough. */
  #look(): boolean {
    const free = this.#find(this.left + BEYOND);
    if (free === undefined) return Atomics.load(this.#shared, FREE) > 0;
    const few = free < this.left;
    this.#none = free < NEXT_TO_NONE * this.#lanes;
    if (few) this.#fewUntil = now() + FEW_MS;
    return !few;
  }

  /** Opens `most` for a moment; how many of them there were, or undefined while others must not miss them. */
  #find(most: number): number | undefined {
    // What is opened here must not be missing where a thread starts.
    if (Atomics.compareExchange(this.#shared, BUSY, 0, -1) !== 0) return undefined;
    const free = this.#opened(most);
    // All that were looked for: there may be more than these.
    if (free < most || most > THREAD) Atomics.store(this.#shared, FREE, free);
    Atomics.store(this.#shared, BUSY, 0);
    return free;
  }

  /** How many can be opened, up to `most`. */
  #opened(most: number): number {
    const files: OpenFile[] = [];
    try {
      while (files.length < most && this.#open !== undefined) files.push(this.#open());
    } catch (error) {
      // Where the file cannot be opened nothing can be told, until another one has taken its place.
      if (!isExhausted(error)) return most;
    } finally {
      for (const file of files) file.close();
    }
    return this.#open === undefined ? most : files.length;
  }
}

function tooFew(free: number): PoolError {
  return new PoolError(
    "POOL_THREAD_FAILED",
    `Cannot start thread as ${THREAD} file descriptors must be free for it (ulimit -n): received ${free}`,
  );
}

/** Those of this thread. */
export const descriptors: Descriptors = new Descriptors();

/** Counts by opening `path` again and again, unless it is no regular file. */
export function countDescriptors(path: string, shared?: Int32Array<SharedArrayBuffer>): void {
  if (Deno.statSync(path).isFile) descriptors.count(() => openRegular(path), shared);
}

/**
 * Opens a regular file, and nothing else that has taken its name: to open a pipe waits for its writer, and the whole event loop with it.
 *
 * @throws {Deno.errors.NotSupported} if it is another kind of file. @throws what `Deno.openSync` does.
 */
export function openRegular(path: string): OpenFile {
  if (!Deno.statSync(path).isFile) throw new Deno.errors.NotSupported("no regular file");
  return Deno.openSync(path);
}

/** True for an error that says that there is no descriptor left, for this process or the whole system. */
export function isExhausted(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EMFILE" || error.code === "ENFILE");
}
