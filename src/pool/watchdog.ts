/**
 * One thread that traps guest calls past their deadline, for all slots.
 *
 * @module
 */

import { PoolError } from "../errors.ts";
import type { CallGuard } from "../guest/mod.ts";
import { commonClock, onMessages, startThread, type Thread } from "../threads/mod.ts";
import {
  announceEnd,
  announceMail,
  createDeadlineTable,
  DeadlineRow,
  isRunning,
  setWatched,
  type UsualTimes,
  watchDeadlines,
  type WatchdogHost,
} from "./deadlines.ts";

type ToWatchdog =
  | { readonly kind: "start"; readonly table: Int32Array<SharedArrayBuffer> }
  | { readonly kind: "time"; readonly now: number }
  | { readonly kind: "attach"; readonly row: number; readonly generation: number; readonly epoch: SharedArrayBuffer };

/** It asks for the time, and says that it watches once it knows the time. */
type FromWatchdog = "time" | "watching";

/** Takes the epoch word of a new instance with its generation. */
export type Attach = (epoch: SharedArrayBuffer, generation: number) => void;

/**
 * Calls that can run at once: those of 32 modules with 64 instances on the event loop and 64 in threads, and as many again while a
 * reload has both the old and the new ones.
 */
const MAX_ROWS = 8_192;
/** The longest sleep while calls go on, in milliseconds. */
const MAX_SLEEP_MS = 60_000;

/** Rows of the table that nobody else has, until they are given back. */
export interface Rows extends Disposable {
  /** Their indexes. */
  readonly rows: readonly number[];
}

/** The main thread's side. */
export class Watchdog implements Disposable {
  readonly #thread: Thread;
  readonly #taken = new Set<number>();
  /** Rows that have been given back while something may still have run in them. */
  readonly #leaving = new Set<number>();
  /** What each owner of rows usually gives a call. */
  readonly #usual = new Map<Rows, UsualTimes>();
  /** Shared with the threads that make calls. */
  readonly table: Int32Array<SharedArrayBuffer>;

  private constructor(thread: Thread, table: Int32Array<SharedArrayBuffer>) {
    this.#thread = thread;
    this.table = table;
    // Without a watchdog no call has a deadline any more. No agent is better than one that a module can stop.
    thread.onDeath = (reason) => {
      throw new PoolError("POOL_WATCHDOG_DIED", `Cannot go on as the watchdog must live: received "${reason}"`);
    };
  }

  /** Starts the thread, for all pools of an event loop. */
  static async start(): Promise<Watchdog> {
    const thread = await startThread("watchdog");
    const table = createDeadlineTable(MAX_ROWS);
    const watchdog = new Watchdog(thread, table);
    const watching = Promise.withResolvers<void>();
    thread.listen<FromWatchdog>((message) => {
      if (message === "watching") watching.resolve();
      else watchdog.#post({ kind: "time", now: performance.now() });
    });
    watchdog.#post({ kind: "start", table });
    // The start of an instance holds up this thread, and the watchdog needs the time from this thread before it can watch.
    await watching.promise;
    return watchdog;
  }

  /**
   * Rows of the table for calls that can run at once. They are given back by disposing of them; a call that still runs, in a thread that
   * is ending, keeps its row and its deadline.
   *
   * @param usual What their calls are usually given.
   * @throws {PoolError} `POOL_TOO_LARGE` if there are not as many.
   */
  allot(count: number, usual: UsualTimes): Rows {
    for (const row of this.#leaving) if (!isRunning(this.table, row)) this.#free(row);
    const left = MAX_ROWS - this.#taken.size;
    if (count > left) {
      throw new PoolError(
        "POOL_TOO_LARGE",
        `Cannot watch calls as at most ${left} of ${MAX_ROWS} at once must be asked for: received ${count}`,
      );
    }
    const rows: number[] = [];
    for (let row = 0; rows.length < count; row++) if (!this.#taken.has(row)) rows.push(row);
    const allotted: Rows = { rows, [Symbol.dispose]: () => this.#takeBack(allotted) };
    for (const row of rows) this.#taken.add(row);
    this.#usual.set(allotted, usual);
    this.#setWatched();
    return allotted;
  }

  #takeBack(allotted: Rows): void {
    // Somebody else may have the rows by now.
    if (!this.#usual.delete(allotted)) return;
    for (const row of allotted.rows) {
      if (isRunning(this.table, row)) this.#leaving.add(row);
      else this.#free(row);
    }
    this.#setWatched();
  }

  #free(row: number): void {
    this.#leaving.delete(row);
    this.#taken.delete(row);
  }

  #setWatched(): void {
    const rows = 1 + Math.max(-1, ...this.#taken);
    const usual = [...this.#usual.values()];
    setWatched(this.table, rows, {
      shortestMs: Math.min(MAX_SLEEP_MS, ...usual.map(({ shortestMs }) => shortestMs)),
      longestMs: Math.min(MAX_SLEEP_MS, ...usual.map(({ longestMs }) => longestMs)),
    });
  }

  /** Says which instance runs the calls of a row from now on. */
  attach(row: number, epoch: SharedArrayBuffer, generation: number): void {
    // It is announced first, so that the watchdog waits for what is on its way, and never finds more than was announced.
    announceMail(this.table);
    this.#post({ kind: "attach", row, generation, epoch });
  }

  /** A guard for calls on the main thread. */
  guard(row: number): CallGuard {
    const attach: Attach = (epoch, generation) => this.attach(row, epoch, generation);
    return new RowGuard(this.table, row, () => performance.now(), attach);
  }

  /** Ends the thread. Calls that still run have no deadline from then on. */
  [Symbol.dispose](): void {
    announceEnd(this.table);
    this.#thread.end();
  }

  #post(message: ToWatchdog): void {
    this.#thread.post(message);
  }
}

/** A guard over one row of the table. */
export class RowGuard implements CallGuard {
  readonly #row: DeadlineRow;
  readonly #attach: Attach;
  readonly now: () => number;

  constructor(table: Int32Array, row: number, now: () => number, attach: Attach) {
    this.#row = new DeadlineRow(table, row);
    this.now = now;
    this.#attach = attach;
  }

  attach(epoch: SharedArrayBuffer): void {
    this.#attach(epoch, this.#row.renew());
  }

  begin(deadline: number, latest?: number): void {
    this.#row.begin(deadline, latest);
  }

  end(): boolean {
    return this.#row.end();
  }
}

/** The thread's side: runs until its {@linkcode Watchdog} ends. */
export function watchdogMain(): void {
  const instances = new Map<number, { readonly generation: number; readonly epoch: Int32Array }>();
  let received = 0;
  let wake = () => {};
  let tell = (_now: number) => {};
  onMessages<ToWatchdog>(async (message, send) => {
    const post = (word: FromWatchdog) => send(word);
    if (message.kind === "time") return tell(message.now);
    if (message.kind === "attach") {
      instances.set(message.row, { generation: message.generation, epoch: new Int32Array(message.epoch) });
      received++;
      return wake();
    }
    const now = await commonClock(() => {
      post("time");
      return new Promise((resolve) => tell = resolve);
    });
    const host: WatchdogHost = {
      now,
      received: () => received,
      receive: () => new Promise((resolve) => wake = resolve),
      epoch: (row, generation) => {
        const instance = instances.get(row);
        return instance?.generation === generation ? instance.epoch : undefined;
      },
    };
    post("watching");
    await watchDeadlines(message.table, host);
    self.close();
  });
}
