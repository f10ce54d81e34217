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
  watchDeadlines,
  type WatchdogHost,
} from "./deadlines.ts";

type ToWatchdog =
  | { readonly kind: "start"; readonly table: Int32Array<SharedArrayBuffer>; readonly shortestMs: number }
  | { readonly kind: "time"; readonly now: number }
  | { readonly kind: "attach"; readonly row: number; readonly generation: number; readonly epoch: SharedArrayBuffer };

/** It asks for the time, and says that it watches once it knows the time. */
type FromWatchdog = "time" | "watching";

/** Takes the epoch word of a new instance with its generation. */
export type Attach = (epoch: SharedArrayBuffer, generation: number) => void;

/** What calls need of the watchdog that ends them. */
export interface WatchdogNeeds {
  /** Calls that can run at once. */
  readonly rows: number;
  /** The shortest time until its deadline that a call is usually given, in milliseconds. */
  readonly shortestMs: number;
}

/** The main thread's side. */
export class Watchdog implements Disposable {
  readonly #thread: Thread;
  readonly #rows: number;
  #allotted = 0;
  /** Shared with the threads that make calls. */
  readonly table: Int32Array<SharedArrayBuffer>;

  private constructor(thread: Thread, rows: number, table: Int32Array<SharedArrayBuffer>) {
    this.#thread = thread;
    this.#rows = rows;
    this.table = table;
    // Without a watchdog no call has a deadline any more. No agent is better than one that a module can stop.
    thread.onDeath = (reason) => {
      throw new PoolError("POOL_WATCHDOG_DIED", `Cannot go on as the watchdog must live: received "${reason}"`);
    };
  }

  /** Starts the thread, for all who have these needs. */
  static async start(needs: readonly WatchdogNeeds[]): Promise<Watchdog> {
    const rows = needs.reduce((sum, each) => sum + each.rows, 0);
    const shortestMs = Math.min(...needs.map((each) => each.shortestMs));
    const thread = await startThread("watchdog");
    const table = createDeadlineTable(rows);
    const watchdog = new Watchdog(thread, rows, table);
    const watching = Promise.withResolvers<void>();
    thread.listen<FromWatchdog>((message) => {
      if (message === "watching") watching.resolve();
      else watchdog.#post({ kind: "time", now: performance.now() });
    });
    watchdog.#post({ kind: "start", table, shortestMs });
    // The start of an instance holds up this thread, and the watchdog needs the time from this thread before it can watch.
    await watching.promise;
    return watchdog;
  }

  /**
   * Rows of the table that nobody else has. They are never given back.
   *
   * @throws {TypeError} if more are asked for than the watchdog was started for: a fault of this program.
   */
  allot(count: number): readonly number[] {
    const left = this.#rows - this.#allotted;
    if (count > left) {
      throw new TypeError(`Cannot allot rows as at most ${left} of ${this.#rows} must be wanted: received ${count}`);
    }
    const first = this.#allotted;
    this.#allotted += count;
    return Array.from({ length: count }, (_, index) => first + index);
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

  begin(deadline: number): void {
    this.#row.begin(deadline);
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
    await watchDeadlines(message.table, host, message.shortestMs);
    self.close();
  });
}
