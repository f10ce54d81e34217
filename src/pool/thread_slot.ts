/**
 * An instance in a thread of its own: for a module whose calls are long enough to hold up the event loop.
 *
 * @module
 */

import { type ErrorCode, GuestError } from "../errors.ts";
import {
  eventLimit,
  Guest,
  type GuestAbi,
  type GuestCall,
  type GuestEars,
  type GuestModule,
  type Measures,
  type OutputLevel,
  type OutputStream,
  overran,
  startLimit,
} from "../guest/mod.ts";
import type { WornBy } from "../ops/mod.ts";
import type { Phase } from "../phase.ts";
import {
  commonClock,
  errorFrom,
  type ErrorRecord,
  onMessages,
  recordOf,
  startThread,
  type Thread,
} from "../threads/mod.ts";
import { type Check, type Slot, type Take, Wear } from "./slot.ts";
import { CALL, CLOSE, Mailbox, RENEW } from "./mailbox.ts";
import { lowerPriority } from "./priority.ts";
import { RowGuard, type Watchdog } from "./watchdog.ts";

/** How long a call is waited for past its deadline: the trap takes a millisecond, and a large `memory.fill` some more. */
const DEADLINE_GRACE_MS = 3;
/** How long a thread that has missed that may take to answer again before it is given up. */
const COMEBACK_MS = 2_000;
/**
 * When a thread has dropped instances of this much memory, in bytes, it is given up. V8 sees no reason to collect them, because the
 * garbage around them is small and the thread never comes to its event loop. The end of the thread frees them for certain.
 */
const MAX_DROPPED_BYTES = 64 * 1024 * 1024;

type ToSlot =
  | {
    readonly kind: "start";
    readonly module: GuestModule;
    readonly mailbox: SharedArrayBuffer;
    readonly table: Int32Array<SharedArrayBuffer>;
    readonly row: number;
  }
  | { readonly kind: "time"; readonly now: number };

type FromSlot =
  | { readonly kind: "time" }
  | { readonly kind: "epoch"; readonly epoch: SharedArrayBuffer; readonly generation: number }
  | {
    readonly kind: "output";
    readonly stream: OutputStream;
    readonly line: string;
    readonly correlationId: string;
    readonly level: OutputLevel;
  }
  | {
    readonly kind: "started";
    readonly memoryBytes: number;
    readonly startMs: number;
    readonly measures?: Measures;
  }
  | { readonly kind: "failed"; readonly error: ErrorRecord };

/** A {@linkcode Slot} in another thread: the main thread's side. */
export class ThreadSlot implements Slot {
  readonly #thread: Thread;
  readonly #mailbox = new Mailbox();
  readonly #module: GuestModule;
  readonly #ears: GuestEars;
  #wear: Wear;
  #droppedBytes = 0;
  #started = Promise.withResolvers<number>();
  /** Time that the last instance took to start, in milliseconds. */
  startMs = 0;
  /** Called if the thread dies, for what waits for it now. A promise of the death would keep each race with it for good. */
  #onDeathOfWork = (_error: GuestError) => {};
  #death: GuestError | undefined;
  /** Called when the thread dies. */
  onDeath = () => {};
  /** Time the guest took for the last call that it ended, in milliseconds. */
  lastDurationMs = 0;
  /** True once the thread is of no more use: a new one must take its place. */
  dead = false;
  /** A call that was given up is under way until its slot is renewed. */
  work: { readonly phase: Phase; readonly since: number } | undefined;
  /** Its row in the watchdog's table. */
  readonly row: number;

  private constructor(thread: Thread, module: GuestModule, watchdog: Watchdog, row: number, ears: GuestEars) {
    this.#thread = thread;
    this.row = row;
    this.#module = module;
    this.#ears = ears;
    this.#wear = new Wear(0, 0, 0);
    this.#started.promise.catch(() => {});
    thread.listen<FromSlot>((data) => {
      if (data.kind === "time") this.#post({ kind: "time", now: performance.now() });
      else if (data.kind === "epoch") watchdog.attach(row, data.epoch, data.generation);
      else if (data.kind === "output") ears.output(data.stream, data.line, data.correlationId, data.level);
      else if (data.kind === "started") {
        this.startMs = data.startMs;
        this.#started.resolve(data.memoryBytes);
        if (data.measures !== undefined) ears.measured?.(data.measures);
      } else this.#started.reject(errorFrom(data.error));
    });
    thread.onDeath = (reason) => {
      this.dead = true;
      this.#death = new GuestError(
        "GUEST_THREAD_DIED",
        `Cannot finish call as its thread must live: received "${reason}"`,
      );
      this.#onDeathOfWork(this.#death);
      this.onDeath();
    };
  }

  /** Starts a thread with an instance in it. @throws {GuestError} if the instance does not start. */
  static async start(
    module: GuestModule,
    watchdog: Watchdog,
    row: number,
    ears: GuestEars,
    giveUp?: AbortSignal,
  ): Promise<ThreadSlot> {
    const thread = await startThread("slot");
    const slot = new ThreadSlot(thread, module, watchdog, row, ears);
    const close = () => slot.close();
    giveUp?.addEventListener("abort", close);
    slot.#post({ kind: "start", module, mailbox: slot.#mailbox.buffer, table: watchdog.table, row });
    try {
      if (giveUp?.aborted) close();
      await slot.#waitForStart();
    } catch (error) {
      slot.close();
      throw error;
    } finally {
      giveUp?.removeEventListener("abort", close);
    }
    return slot;
  }

  get worn(): WornBy | ErrorCode | undefined {
    return this.dead ? "GUEST_THREAD_DIED" : this.#wear.due;
  }

  get wear(): Wear {
    return this.#wear;
  }

  /** Memory of its instance in bytes; undefined while there is none. */
  get memoryBytes(): number | undefined {
    return this.dead ? undefined : this.#mailbox.memoryBytes;
  }

  async call<T>(call: GuestCall, take: Take<T>, until = call.deadline): Promise<T> {
    this.#mailbox.putCall(call, until);
    const since = performance.now();
    this.work = { phase: call.phase, since };
    const patience = until - since + DEADLINE_GRACE_MS;
    if (!await this.#unlessDead(this.#mailbox.waitForIdle(patience))) {
      throw overran(call.phase, eventLimit(this.#module.limits.timeoutMs));
    }
    this.work = undefined;
    const { result, error, measures, durationMs, memoryBytes } = this.#mailbox.takeOutcome();
    this.#wear.observe(memoryBytes);
    this.lastDurationMs = durationMs;
    if (measures !== undefined) this.#ears.measured?.(measures);
    if (error !== undefined) throw error;
    return take(result, true);
  }

  async renew(): Promise<void> {
    this.work = undefined;
    if (this.dead || !await this.#mailbox.waitForIdle(COMEBACK_MS)) {
      this.dead = true;
      throw new GuestError("GUEST_THREAD_DIED", "Cannot renew instance as its thread must answer: received nothing");
    }
    this.#droppedBytes += this.#mailbox.memoryBytes;
    if (this.#droppedBytes > MAX_DROPPED_BYTES) {
      this.dead = true;
      throw new GuestError(
        "GUEST_THREAD_SPENT",
        `Cannot renew instance as those dropped before may have ${MAX_DROPPED_BYTES} bytes: received ${this.#droppedBytes}`,
      );
    }
    this.#started = Promise.withResolvers();
    this.#started.promise.catch(() => {});
    this.#mailbox.set(RENEW);
    await this.#waitForStart();
  }

  close(): void {
    this.#started.reject(
      new GuestError("GUEST_CLOSED", "Cannot start instance as its thread must live: received its end"),
    );
    this.#mailbox.set(CLOSE);
    this.#thread.end();
  }

  #post(message: ToSlot): void {
    this.#thread.post(message);
  }

  /** What `awaited` comes to; rejects as soon as the thread dies. */
  #unlessDead<T>(awaited: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onDeathOfWork = reject;
      if (this.#death !== undefined) reject(this.#death);
      awaited.then(resolve, reject);
    });
  }

  async #waitForStart(): Promise<void> {
    const { maxRequestsPerInstance, maxMemoryMiB, startTimeoutMs } = this.#module.limits;
    // The watchdog ends a start in time. A start that cannot be ended must not keep its slot waiting for ever.
    const timer = setTimeout(() => {
      this.dead = true;
      this.#started.reject(overran("start", startLimit(startTimeoutMs), "nothing from its thread"));
    }, startTimeoutMs + COMEBACK_MS);
    let memoryBytes: number;
    try {
      memoryBytes = await this.#unlessDead(this.#started.promise);
    } catch (error) {
      // How much memory it had taken is not known any more, so the cap is counted.
      this.#droppedBytes += maxMemoryMiB * 1024 * 1024;
      throw error;
    } finally {
      clearTimeout(timer);
    }
    this.#mailbox.memoryBytes = memoryBytes;
    this.#wear = new Wear(maxRequestsPerInstance, memoryBytes, maxMemoryMiB * 1024 * 1024);
  }
}

/** The thread's side: serves its mailbox until told to close. */
export async function slotMain(check: Check, abis?: readonly GuestAbi[]): Promise<void> {
  await lowerPriority();
  let tell = (_now: number) => {};
  onMessages<ToSlot>(async (message, send) => {
    if (message.kind === "time") return tell(message.now);
    const { module, mailbox: buffer, table, row } = message;
    const post = (message: FromSlot) => send(message);
    const mailbox = new Mailbox(buffer);
    const now = await commonClock(() => {
      post({ kind: "time" });
      return new Promise((resolve) => tell = resolve);
    });
    const guard = new RowGuard(table, row, now, (epoch, generation) => post({ kind: "epoch", epoch, generation }));
    let measures: Measures | undefined;
    const ears: GuestEars = {
      output: (stream, line, correlationId, level) => post({ kind: "output", stream, line, correlationId, level }),
      measured: (counted) => measures = counted,
    };
    const takeMeasures = () => {
      const taken = measures;
      measures = undefined;
      return taken;
    };
    const start = (): Guest | undefined => {
      const startedAt = now();
      try {
        const guest = new Guest(module, { ...ears, guard, abis });
        const startMs = now() - startedAt;
        post({ kind: "started", memoryBytes: guest.memoryBytes, startMs, measures: takeMeasures() });
        return guest;
      } catch (error) {
        post({ kind: "failed", error: recordOf(error) });
      }
    };
    let guest = start();
    for (;;) {
      const work = mailbox.waitForWork();
      if (work === CLOSE) return self.close();
      if (work === RENEW) {
        // The mailbox is set idle before the start, because the main thread may put the next call in as soon as it hears of the start.
        mailbox.done(RENEW);
        guest = undefined;
        guest = start();
      } else if (work === CALL && guest !== undefined) {
        mailbox.serve(guest, (result) => check(result, module), takeMeasures);
      }
    }
  });
}
