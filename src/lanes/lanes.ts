/**
 * Further event loops, each in a thread with a pool of its own, that accept connections of the same socket: the main thread's side.
 *
 * @module
 */

import { PoolError } from "../errors.ts";
import { descriptors } from "../descriptors.ts";
import type { LaneReport, Log, LogFields, LogLevel } from "../ops/mod.ts";
import { within } from "../sleep.ts";
import {
  errorFrom,
  type ErrorRecord,
  recordOf,
  type Spawned,
  spawnThread,
  startThread,
  type Thread,
  type ThreadRole,
} from "../threads/mod.ts";
import type { Edition } from "./edition.ts";
import type { Staged } from "./lane.ts";
import type { Configure } from "./proxy_configuration.ts";
import type { Recording } from "./recording.ts";

/** What a lane is asked to do. */
export type Ask =
  | {
    readonly kind: "start";
    readonly edition: Edition;
    /** Of the first event loop. */
    readonly descriptors: Int32Array<SharedArrayBuffer>;
  }
  | { readonly kind: "serve"; readonly fd: number }
  | { readonly kind: "drain"; readonly graceMs: number }
  /** Answered once all connections have ended. */
  | { readonly kind: "hand over"; readonly path: string }
  /** Answered once the edition has started; it serves after `take`, and is gone after `drop`. */
  | { readonly kind: "stage"; readonly edition: Edition }
  | { readonly kind: "take" | "drop" };

/** Messages to a lane. A question has a number, and `done` or `failed` answers it under that number. */
export type ToLane =
  | Ask & { readonly ask: number }
  /** The answer to `spawn`, the thread's port with it; or why there is none. */
  | { readonly kind: "spawned"; readonly id: number; readonly port: MessagePort }
  | { readonly kind: "not spawned"; readonly id: number; readonly error: ErrorRecord }
  /** Answered by `report`, if the configuration has an admin endpoint. */
  | { readonly kind: "report" }
  /** The answer to `configure`: why it is refused, if it is. */
  | { readonly kind: "configured"; readonly id: number; readonly refusal?: string }
  /** A thread of the lane's has ended by itself. */
  | { readonly kind: "died"; readonly id: number; readonly reason: string };

/** Messages from a lane. */
export type FromLane =
  /** After a drain with the number of connections that were cut. */
  | { readonly kind: "done"; readonly ask: number; readonly left?: number }
  | { readonly kind: "failed"; readonly ask: number; readonly error: ErrorRecord }
  /** It accepts no more. */
  | { readonly kind: "ended"; readonly error: ErrorRecord }
  | { readonly kind: "report"; readonly report: LaneReport }
  /** Whenever it changes. */
  | { readonly kind: "connections"; readonly open: number }
  /** A line of the recording, its newline included. */
  | { readonly kind: "record"; readonly line: string }
  /** An event that is not to be in the recording. */
  | { readonly kind: "not recorded" }
  | { readonly kind: "log"; readonly level: LogLevel; readonly message: string; readonly fields?: LogFields }
  /** A proxy has sent a configuration, any JSON. */
  | { readonly kind: "configure"; readonly id: number; readonly config: unknown }
  /** It wants a thread of its own. */
  | { readonly kind: "spawn"; readonly id: number; readonly role: ThreadRole }
  | { readonly kind: "end"; readonly id: number };

/** How long a lane may take to report, in milliseconds. */
const REPORT_MS = 1_000;

/** All lanes but the main thread's own. */
export class Lanes {
  readonly #lanes: readonly LaneHandle[];

  private constructor(lanes: readonly LaneHandle[]) {
    this.#lanes = lanes;
  }

  /**
   * Starts all lanes of an agent but the first, instances and all; they serve nothing yet.
   *
   * @param onDeath Told when a lane ends by itself: the socket is of no more use then.
   * @param recording Takes what they record, where the configuration has them record.
   * @throws {ModuleError | PoolError} as the main thread's own start does.
   */
  static async start(
    edition: Edition,
    log: Log,
    onDeath: (error: Error) => void,
    recording?: Recording,
  ): Promise<Lanes> {
    // They start one after the other, because all at once would not be ready sooner on a machine that they keep busy.
    const lanes: LaneHandle[] = [];
    for (let number = 1; number < edition.config.lanes; number++) {
      const lane = new LaneHandle(number, await startThread("lane"), log, onDeath, recording);
      lanes.push(lane);
      await lane.ask({ kind: "start", edition, descriptors: descriptors.shared });
    }
    return new Lanes(lanes);
  }

  /** Takes what proxies send for the modules, over whichever lane. */
  set onConfigure(configure: Configure) {
    for (const lane of this.#lanes) lane.onConfigure = configure;
  }

  /** Has all lanes accept connections of a listening socket. */
  async serve(fd: number): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.ask({ kind: "serve", fd })));
  }

  /** Connections open now, as far as it is known here. */
  get connections(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.connections, 0);
  }

  /** What each lane has counted and holds. A lane that does not answer in time, or is dead, stands there with its last report. */
  reports(): Promise<readonly LaneReport[]> {
    return Promise.all(this.#lanes.map((lane) => lane.report()));
  }

  /** Has the agent that has the socket's path now answer all that comes; resolves once all connections have ended. */
  async handOver(path: string): Promise<void> {
    const alive = this.#lanes.filter((lane) => !lane.dead);
    await Promise.all(alive.map((lane) => lane.ask({ kind: "hand over", path })));
  }

  /** Has all lanes answer what is in flight and close their connections; tells how many were cut. */
  async drain(graceMs: number): Promise<number> {
    const alive = this.#lanes.filter((lane) => !lane.dead);
    const answers = await Promise.all(alive.map((lane) => lane.ask({ kind: "drain", graceMs })));
    return answers.reduce((sum, left) => sum + left, 0);
  }

  /**
   * Starts another edition in all lanes, one after the other, beside the one that serves: in all of them, or in none.
   *
   * @throws {ModuleError | PoolError} as {@linkcode Lane.stage} does.
   */
  async stage(edition: Edition): Promise<Staged> {
    const staged: LaneHandle[] = [];
    const each = (kind: "take" | "drop") => Promise.all(staged.map((lane) => lane.ask({ kind })));
    try {
      for (const lane of this.#lanes) {
        await lane.ask({ kind: "stage", edition });
        staged.push(lane);
      }
    } catch (error) {
      await each("drop");
      throw error;
    }
    return { take: async () => void await each("take"), drop: async () => void await each("drop") };
  }
}

/** One lane. */
class LaneHandle {
  readonly #thread: Thread;
  /** Threads that it has asked for, by its own numbers. */
  readonly #spawned = new Map<number, Spawned>();
  readonly #asked = new Map<number, PromiseWithResolvers<number>>();
  #asks = 0;
  #reported: PromiseWithResolvers<LaneReport> | undefined;
  #lastReport: LaneReport = { figures: [], pools: [] };
  connections = 0;
  dead = false;
  onConfigure: Configure = () => Promise.resolve(undefined);

  constructor(number: number, thread: Thread, log: Log, onDeath: (error: Error) => void, recording?: Recording) {
    this.#thread = thread;
    thread.listen<FromLane>((message) => {
      if (message.kind === "log") log[message.level](message.message, { ...message.fields, lane: number });
      else if (message.kind === "record") recording?.write(message.line);
      else if (message.kind === "not recorded") recording?.leftOut(1);
      else if (message.kind === "connections") this.connections = message.open;
      else if (message.kind === "report") this.#takeReport(message.report);
      else if (message.kind === "configure") this.#configure(message.id, message.config);
      else if (message.kind === "spawn") this.#spawn(message.id, message.role);
      else if (message.kind === "end") this.#endSpawned(message.id);
      else if (message.kind === "ended") onDeath(errorFrom(message.error));
      else if (message.kind === "failed") this.#answered(message.ask).reject(errorFrom(message.error));
      else this.#answered(message.ask).resolve(message.left ?? 0);
    });
    thread.onDeath = (reason) => {
      this.dead = true;
      this.connections = 0;
      const error = new PoolError(
        "POOL_LANE_DIED",
        `Cannot go on as all lanes must live: received "${reason}" from lane ${number}`,
      );
      for (const asked of this.#asked.values()) asked.reject(error);
      onDeath(error);
    };
  }

  /** The lane may be busy with a call, but for no longer than its deadline. */
  async report(): Promise<LaneReport> {
    if (this.dead) return this.#lastReport;
    if (this.#reported === undefined) {
      this.#reported = Promise.withResolvers();
      this.#tell({ kind: "report" });
    }
    return await within(REPORT_MS, this.#reported.promise) ?? this.#lastReport;
  }

  #takeReport(report: LaneReport): void {
    this.#lastReport = report;
    this.#reported?.resolve(report);
    this.#reported = undefined;
  }

  /** Resolves once it is done, for a drain to the number of connections that were cut. */
  ask(what: Ask): Promise<number> {
    const ask = ++this.#asks;
    const asked = Promise.withResolvers<number>();
    this.#asked.set(ask, asked);
    this.#tell({ ...what, ask });
    return asked.promise;
  }

  #answered(ask: number): PromiseWithResolvers<number> {
    const asked = this.#asked.get(ask) ?? Promise.withResolvers<number>();
    this.#asked.delete(ask);
    return asked;
  }

  #tell(message: ToLane, ...handedOver: Transferable[]): void {
    this.#thread.post(message, handedOver);
  }

  async #configure(id: number, config: unknown): Promise<void> {
    this.#tell({ kind: "configured", id, refusal: await this.onConfigure(config) });
  }

  async #spawn(id: number, role: ThreadRole): Promise<void> {
    try {
      const spawned = await spawnThread(role);
      this.#spawned.set(id, spawned);
      spawned.onDeath = (reason) => this.#tell({ kind: "died", id, reason });
      this.#tell({ kind: "spawned", id, port: spawned.port }, spawned.port);
    } catch (error) {
      this.#tell({ kind: "not spawned", id, error: recordOf(error) });
    }
  }

  #endSpawned(id: number): void {
    this.#spawned.get(id)?.end();
    this.#spawned.delete(id);
  }
}
