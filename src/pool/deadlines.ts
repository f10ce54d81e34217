/**
 * The table in shared memory through which calls and the watchdog speak.
 *
 * | word (i32) | meaning |
 * |---|---|
 * | 0 | bell: counts what the watchdog must look at anew; it sleeps on this word |
 * | 1 | 1 while the watchdog sleeps without end |
 * | 2 | when the watchdog will look again, in ticks |
 * | 3 | mail: instances registered so far |
 * | 4 | 1 to end the watchdog |
 * | 5 | rows that are looked at: all from the first to the last that is in use |
 * | 6 | the longest sleep while many calls go on, in ticks |
 * | 7 | the longest sleep while few calls go on, in ticks |
 * | 8 + 3 n | row n: state of the call, `sequence << 2 | (0 idle, 1 running, 2 overrun)` |
 * | 9 + 3 n | row n: its deadline in ticks |
 * | 10 + 3 n | row n: generation of the instance that it runs in |
 *
 * A row's state changes from running to overrun, or to idle, by compare-and-exchange on its sequence: one side wins, and the
 * watchdog can never end a later call than the one it has looked at. The generation grows with each new instance, before its first
 * call: the watchdog traps an instance only if it is of the call's generation, and waits for the registration of any other.
 *
 * @module
 */

/** Words before the first row, and of a row. */
const FIRST_ROW = 8, ROW = 3;
/** Words of a row, from its first. */
const DEADLINE = 1, GENERATION = 2;
const BELL = 0, ASLEEP = 1, WAKE_AT = 2, MAIL = 3, END = 4, ROWS = 5, SHORTEST = 6, LONGEST = 7;
const IDLE = 0, RUNNING = 1, OVERRUN = 2;
const STATE_MASK = 3;
const STATE_BITS = 2;
const MAX_SEQUENCE = 0x3fffffff;

/** Calls between two looks up to which they are few, for each millisecond of the sleep between the looks. */
const FEW_CALLS_PER_MS = 1;
/** How often the watchdog looks in short intervals after a call that could not wait for its next look, and after many calls. */
const HURRIED_LOOKS = 8;
/** Looks without a call between them after which it sleeps without end: up to a second, because to wake it costs a call more. */
const QUIET_LOOKS = 25;

/** An eighth of a millisecond: an i32 then counts 74 hours, and differences are taken modulo 2^32. */
const TICKS_PER_MS = 8;

/** Milliseconds on the common clock as ticks. */
function ticksOf(ms: number): number {
  return Math.ceil(ms * TICKS_PER_MS) | 0;
}

/** A call's row: used by the thread that makes the calls. */
export class DeadlineRow {
  readonly #table: Int32Array;
  readonly #state: number;
  #running = 0;

  /** @param row Index of the row; one thread at a time uses it. */
  constructor(table: Int32Array, row: number) {
    this.#table = table;
    this.#state = FIRST_ROW + ROW * row;
    this.#running = Atomics.load(table, this.#state) & ~STATE_MASK;
  }

  /** Calls run in a new instance from now on; the generation that it must be registered under. */
  renew(): number {
    return Atomics.add(this.#table, this.#state + GENERATION, 1) + 1 | 0;
  }

  /**
   * A call begins that must end by `deadline`, in milliseconds on the common clock.
   *
   * @param latest By when the watchdog must have looked at a call that is past its deadline: it is woken if its next look comes later. To
   * wake it for each deadline would cost more than the usual call.
   */
  begin(deadline: number, latest = deadline): void {
    const table = this.#table;
    const running = (this.#running & ~STATE_MASK) + 4 | RUNNING;
    this.#running = running;
    table[this.#state + DEADLINE] = ticksOf(deadline);
    Atomics.store(table, this.#state, running);
    if (Atomics.load(table, ASLEEP) === 1 || (ticksOf(latest) - Atomics.load(table, WAKE_AT) | 0) < 0) ring(table);
  }

  /** The call has ended; true if the watchdog had ended it before. */
  end(): boolean {
    const running = this.#running;
    return Atomics.compareExchange(this.#table, this.#state, running, running & ~STATE_MASK | IDLE) !== running;
  }
}

/** Begins and ends calls that wake a watchdog, though none is there: V8 then has seen this, too, when it compiles how a call begins. */
export function ringForNobody(): void {
  const table = createDeadlineTable(1);
  Atomics.store(table, ASLEEP, 1);
  const row = new DeadlineRow(table, 0);
  for (let call = 0; call < 100; call++) {
    row.begin(0);
    row.end();
  }
}

function ring(table: Int32Array): void {
  Atomics.add(table, BELL, 1);
  Atomics.notify(table, BELL);
}

/** Makes a table with room for `capacity` rows, of which none is looked at yet. */
export function createDeadlineTable(capacity: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer((FIRST_ROW + ROW * capacity) * Int32Array.BYTES_PER_ELEMENT));
}

/** What calls are usually given until their deadlines, in milliseconds. */
export interface UsualTimes {
  /** Each of many calls. */
  readonly shortestMs: number;
  /** Each of few, at the latest. */
  readonly longestMs: number;
}

/**
 * Says which rows are in use from now on: the first `rows`. It must be said before the first call of a row, and may be said again while
 * others go on.
 */
export function setWatched(table: Int32Array, rows: number, { shortestMs, longestMs }: UsualTimes): void {
  Atomics.store(table, SHORTEST, ticksOf(shortestMs));
  Atomics.store(table, LONGEST, ticksOf(longestMs));
  Atomics.store(table, ROWS, rows);
}

/** True while a call of the row goes on that the watchdog has not ended. */
export function isRunning(table: Int32Array, row: number): boolean {
  return (Atomics.load(table, FIRST_ROW + ROW * row) & STATE_MASK) === RUNNING;
}

/** Tells the watchdog that a registration is on its way to it. */
export function announceMail(table: Int32Array): void {
  Atomics.add(table, MAIL, 1);
  ring(table);
}

/** Tells the watchdog to end. */
export function announceEnd(table: Int32Array): void {
  Atomics.store(table, END, 1);
  ring(table);
}

/** What the watchdog's loop needs from its thread. */
export interface WatchdogHost {
  /** Milliseconds on the common clock. */
  now(): number;
  /** Registrations received so far. */
  received(): number;
  /** Returns once another registration has been received. */
  receive(): Promise<void>;
  /** The epoch word of a row's instance, if it is of this generation. */
  epoch(row: number, generation: number): Int32Array | undefined;
}

/**
 * The watchdog's loop: traps every call that is past its deadline; sleeps without end while nothing happens.
 *
 * Any call that begins after a look at the table has time until the end of the sleep that follows, or rings the bell: time until its
 * deadline, or until the `latest` that it was begun with.
 */
export async function watchDeadlines(table: Int32Array, host: WatchdogHost): Promise<void> {
  const lastStates = new Int32Array((table.length - FIRST_ROW) / ROW);
  let lastRows = Atomics.load(table, ROWS);
  let hurriedLooks = HURRIED_LOOKS;
  let quietLooks = 0;
  let sleepMs = 0;
  while (Atomics.load(table, END) === 0) {
    const bell = Atomics.load(table, BELL);
    while (host.received() !== Atomics.load(table, MAIL)) await host.receive();
    const now = ticksOf(host.now());
    let sleepTicks = Atomics.load(table, hurriedLooks > 0 ? SHORTEST : LONGEST);
    // Published before the rows are read: a call that begins later compares with this when it must be looked at.
    Atomics.store(table, WAKE_AT, now + sleepTicks | 0);
    Atomics.store(table, ASLEEP, 0);
    const rows = Atomics.load(table, ROWS);
    let quiet = rows === lastRows;
    let calls = 0;
    lastRows = rows;
    for (let row = 0; row < rows; row++) {
      const at = FIRST_ROW + ROW * row;
      const state = Atomics.load(table, at);
      const lastState = lastStates[row] ?? state;
      if (state !== lastState) quiet = false;
      calls += (state >>> STATE_BITS) - (lastState >>> STATE_BITS) & MAX_SEQUENCE;
      lastStates[row] = state;
      // The row of a call that it has ended may stay as it is: not every instance gets a successor.
      if ((state & STATE_MASK) !== RUNNING) continue;
      quiet = false;
      const epoch = host.epoch(row, Atomics.load(table, at + GENERATION));
      const left = Atomics.load(table, at + DEADLINE) - now | 0;
      if (left > 0) sleepTicks = Math.min(sleepTicks, left);
      // The instance of this very call is still on its way to us: its announcement rings the bell.
      else if (epoch === undefined) sleepTicks = Math.min(sleepTicks, TICKS_PER_MS);
      else if (Atomics.compareExchange(table, at, state, state & ~STATE_MASK | OVERRUN) === state) {
        Atomics.store(epoch, 0, 1);
      } else sleepTicks = 1;
    }
    hurriedLooks = calls > FEW_CALLS_PER_MS * sleepMs ? HURRIED_LOOKS : Math.max(0, hurriedLooks - 1);
    quietLooks = quiet ? quietLooks + 1 : 0;
    if (quietLooks < QUIET_LOOKS) {
      sleepMs = sleepTicks / TICKS_PER_MS;
      Atomics.wait(table, BELL, bell, sleepMs);
      if (Atomics.load(table, BELL) !== bell) hurriedLooks = HURRIED_LOOKS;
      continue;
    }
    Atomics.store(table, ASLEEP, 1);
    if (rowsUnchanged(table, lastRows, lastStates)) Atomics.wait(table, BELL, bell);
  }
}

/** A second look after the watchdog has said that it sleeps: a call that begins after this rings the bell. */
function rowsUnchanged(table: Int32Array, lastRows: number, lastStates: Int32Array): boolean {
  if (Atomics.load(table, ROWS) !== lastRows) return false;
  for (let row = 0; row < lastRows; row++) {
    if (Atomics.load(table, FIRST_ROW + ROW * row) !== lastStates[row]) return false;
  }
  return true;
}
