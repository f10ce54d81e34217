/**
 * An instance in a thread of its own: for a module whose calls are long enough to hold up the event loop.
 *
 * @module
 */

import { GuestError } from "../errors.ts";
import { Guest, type GuestCall, type GuestModule, type GuestOutput, type OutputStream } from "../guest/mod.ts";
import { type ClockOrigin, clockOrigin, commonClock } from "./clock.ts";
import { type Check, type Host, type Take, Wear } from "./host.ts";
import { CALL, CLOSE, Mailbox, RENEW } from "./mailbox.ts";
import { lowerPriority } from "./priority.ts";
import { onMessages, startThread, type Thread } from "./threads.ts";
import { RowMeter, type Watchdog } from "./watchdog.ts";

/** How long past its deadline a call is waited for: the trap takes a millisecond, one large `memory.fill` some more. */
const DEADLINE_GRACE_MS = 3;
/** How long a thread that missed that may take to come back before it is given up. */
const COMEBACK_MS = 2_000;
/**
 * Memory of instances that a thread has dropped, in bytes, at which it is given up. V8 sees no reason to collect it, for the garbage
 * around it is small and the thread never comes to its event loop; the thread's end frees it for certain.
 */
const MAX_DROPPED_BYTES = 64 * 1024 * 1024;

interface SlotStart {
  readonly module: GuestModule;
  readonly mailbox: SharedArrayBuffer;
  readonly table: Int32Array<SharedArrayBuffer>;
  readonly row: number;
  readonly origin: ClockOrigin;
}

type SlotMessage =
  | { readonly kind: "epoch"; readonly epoch: SharedArrayBuffer }
  | { readonly kind: "output"; readonly stream: OutputStream; readonly line: string; readonly correlationId: string }
  | { readonly kind: "started"; readonly memoryBytes: number }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** A {@linkcode Host} in another thread: the main thread's side. */
export class ThreadHost implements Host {
  readonly #thread: Thread;
  readonly #mailbox = new Mailbox();
  readonly #module: GuestModule;
  #wear: Wear;
  #droppedBytes = 0;
  #started = Promise.withResolvers<number>();
  /** What waits for the thread now, told if it dies. Not a promise to race: one that never settles keeps each race for good. */
  #onDeath = (_error: GuestError) => {};
  #death: GuestError | undefined;
  /** Time the guest took for the last call that it ended, in milliseconds. */
  lastDurationMs = 0;
  /** True once the thread is of no more use: a new one must take its place. */
  dead = false;
  /** Its row in the watchdog's table. */
  readonly row: number;

  private constructor(thread: Thread, module: GuestModule, watchdog: Watchdog, row: number, output: GuestOutput) {
    this.#thread = thread;
    this.row = row;
    this.#module = module;
    this.#wear = new Wear(0, 0, 0);
    this.#started.promise.catch(() => {});
    thread.listen<SlotMessage>((data) => {
      if (data.kind === "epoch") watchdog.attach(row, data.epoch);
      else if (data.kind === "output") output(data.stream, data.line, data.correlationId);
      else if (data.kind === "started") this.#started.resolve(data.memoryBytes);
      else this.#started.reject(new GuestError(data.code, data.message));
    });
    thread.onDeath = (reason) => {
      this.dead = true;
      this.#death = new GuestError(
        "GUEST_THREAD_DIED",
        `Cannot finish call as its thread must live: received "${reason}"`,
      );
      this.#onDeath(this.#death);
    };
  }

  /** Starts a thread with an instance in it. @throws {GuestError} if the instance does not start. */
  static async start(module: GuestModule, watchdog: Watchdog, row: number, output: GuestOutput): Promise<ThreadHost> {
    const thread = await startThread("slot");
    const host = new ThreadHost(thread, module, watchdog, row, output);
    const start: SlotStart = {
      module,
      mailbox: host.#mailbox.buffer,
      table: watchdog.table,
      row,
      origin: clockOrigin(),
    };
    thread.post(start);
    try {
      await host.#waitForStart();
    } catch (error) {
      host.close();
      throw error;
    }
    return host;
  }

  get worn(): boolean {
    return this.#wear.due;
  }

  async call<T>(call: GuestCall, take: Take<T>): Promise<T> {
    this.#mailbox.putCall(call);
    const patience = call.deadline - performance.now() + DEADLINE_GRACE_MS;
    if (!await this.#unlessDead(this.#mailbox.waitForIdle(patience))) {
      throw new GuestError(
        "GUEST_DEADLINE",
        `Cannot finish "${call.handler}" as it must end within ${this.#module.limits.timeoutMs} ms (--timeout-ms) of its event:` +
          " received no result",
      );
    }
    const { result, error, durationMs, memoryBytes } = this.#mailbox.takeOutcome();
    this.#wear.observe(memoryBytes);
    this.lastDurationMs = durationMs;
    if (error !== undefined) throw error;
    return take(result, true);
  }

  async renew(): Promise<void> {
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
    this.#mailbox.set(RENEW);
    await this.#waitForStart();
  }

  close(): void {
    this.#mailbox.set(CLOSE);
    this.#thread.end();
  }

  /** What `awaited` comes to; rejects as soon as the thread dies. */
  #unlessDead<T>(awaited: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onDeath = reject;
      if (this.#death !== undefined) reject(this.#death);
      awaited.then(resolve, reject);
    });
  }

  async #waitForStart(): Promise<void> {
    const memoryBytes = await this.#unlessDead(this.#started.promise);
    const { maxRequestsPerInstance, maxMemoryMiB } = this.#module.limits;
    this.#wear = new Wear(maxRequestsPerInstance, memoryBytes, maxMemoryMiB * 1024 * 1024);
  }
}

/** The thread's side: serves its mailbox until told to close. */
export async function slotMain(check: Check): Promise<void> {
  await lowerPriority();
  onMessages<SlotStart>(({ module, mailbox: buffer, table, row, origin }, send) => {
    const post = (message: SlotMessage) => send(message);
    const mailbox = new Mailbox(buffer);
    const meter = new RowMeter(table, row, commonClock(origin), (epoch) => post({ kind: "epoch", epoch }));
    const output: GuestOutput = (stream, line, correlationId) => post({ kind: "output", stream, line, correlationId });
    const start = (): Guest | undefined => {
      try {
        const guest = new Guest(module, meter, output);
        post({ kind: "started", memoryBytes: guest.memoryBytes });
        return guest;
      } catch (error) {
        const { code, message } = error instanceof GuestError
          ? error
          : { code: "GUEST_FAILED", message: String(error) };
        post({ kind: "failed", code, message });
      }
    };
    let guest = start();
    for (;;) {
      const work = mailbox.waitForWork();
      if (work === CLOSE) return self.close();
      if (work === RENEW) {
        // Idle before it starts: once it has, the next call may come at any time.
        mailbox.done(RENEW);
        guest = undefined;
        guest = start();
      } else if (work === CALL && guest !== undefined) mailbox.serve(guest, check);
    }
  });
}
