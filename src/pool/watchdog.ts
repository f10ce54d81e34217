/**
 * One thread that traps guest calls past their deadline, for all slots.
 *
 * @module
 */

import { PoolError } from "../errors.ts";
import type { Meter } from "../guest/mod.ts";
import { type ClockOrigin, clockOrigin, commonClock } from "./clock.ts";
import {
  announceEnd,
  announceMail,
  createDeadlineTable,
  DeadlineRow,
  watchDeadlines,
  type WatchdogHost,
} from "./deadlines.ts";
import { onMessages, startThread, type Thread } from "./threads.ts";

interface WatchdogStart {
  readonly kind: "start";
  readonly table: Int32Array<SharedArrayBuffer>;
  readonly origin: ClockOrigin;
  readonly shortestMs: number;
}

interface Registration {
  readonly kind: "attach";
  readonly row: number;
  readonly epoch: SharedArrayBuffer;
}

/** The main thread's side. */
export class Watchdog {
  readonly #thread: Thread;
  /** Shared with the threads that make calls. */
  readonly table: Int32Array<SharedArrayBuffer>;

  private constructor(thread: Thread, table: Int32Array<SharedArrayBuffer>) {
    this.#thread = thread;
    this.table = table;
    // Without it no call has a deadline any more: better no agent than one that a module can stop.
    thread.onDeath = (reason) => {
      throw new PoolError("POOL_WATCHDOG_DIED", `Cannot go on as the watchdog must live: received "${reason}"`);
    };
  }

  /**
   * Starts the thread.
   *
   * @param rows Calls that can run at once. @param shortestMs The shortest deadline a call is usually given.
   */
  static async start(rows: number, shortestMs: number): Promise<Watchdog> {
    const thread = await startThread("watchdog");
    const table = createDeadlineTable(rows);
    const start: WatchdogStart = { kind: "start", table, origin: clockOrigin(), shortestMs };
    thread.post(start);
    return new Watchdog(thread, table);
  }

  /** Says which instance runs the calls of a row from now on. */
  attach(row: number, epoch: SharedArrayBuffer): void {
    const registration: Registration = { kind: "attach", row, epoch };
    // Announced first: the watchdog then waits for what is on its way, and never finds more than was announced.
    announceMail(this.table);
    this.#thread.post(registration);
  }

  /** A meter for calls on the main thread. */
  meter(row: number): Meter {
    return new RowMeter(this.table, row, () => performance.now(), (epoch) => this.attach(row, epoch));
  }

  /** Ends the thread. */
  close(): void {
    announceEnd(this.table);
    this.#thread.end();
  }
}

/** A meter over one row of the table. */
export class RowMeter implements Meter {
  readonly #row: DeadlineRow;
  readonly now: () => number;
  readonly attach: (epoch: SharedArrayBuffer) => void;

  constructor(table: Int32Array, row: number, now: () => number, attach: (epoch: SharedArrayBuffer) => void) {
    this.#row = new DeadlineRow(table, row);
    this.now = now;
    this.attach = attach;
  }

  begin(deadline: number): void {
    this.#row.begin(deadline);
  }

  end(): boolean {
    return this.#row.end();
  }
}

/** The thread's side: runs until {@linkcode Watchdog.close}. */
export function watchdogMain(): void {
  const epochs = new Map<number, Int32Array>();
  let received = 0;
  let wake = () => {};
  onMessages<WatchdogStart | Registration>((message) => {
    if (message.kind === "attach") {
      epochs.set(message.row, new Int32Array(message.epoch));
      received++;
      wake();
      return;
    }
    const host: WatchdogHost = {
      now: commonClock(message.origin),
      received: () => received,
      receive: () => new Promise((resolve) => wake = resolve),
      epoch: (row) => epochs.get(row),
    };
    watchDeadlines(message.table, host, message.shortestMs).then(() => self.close());
  });
}
