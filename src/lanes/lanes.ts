/**
 * Further event loops, each in a thread with a pool of its own, that accept connections of the same socket: the main thread's side.
 *
 * @module
 */

import type { AgentConfig } from "../config/mod.ts";
import { PoolError } from "../errors.ts";
import { descriptors } from "../descriptors.ts";
import type { GuestModule } from "../guest/mod.ts";
import type { Log, LogFields, LogLevel } from "../ops/mod.ts";
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

/** What a lane is told. */
export type ToLane =
  /** Answered by `ready` or `failed`. */
  | {
    readonly kind: "start";
    readonly config: AgentConfig;
    readonly module: GuestModule;
    /** Of the first event loop. */
    readonly descriptors: Int32Array<SharedArrayBuffer>;
  }
  /** Answered by `serving`. */
  | { readonly kind: "serve"; readonly fd: number }
  /** Answered by `drained`. */
  | { readonly kind: "drain"; readonly graceMs: number }
  /** The answer to `spawn`, the thread's port with it; or why there is none. */
  | { readonly kind: "spawned"; readonly id: number; readonly port: MessagePort }
  | { readonly kind: "not spawned"; readonly id: number; readonly error: ErrorRecord }
  /** A thread of the lane's has ended by itself. */
  | { readonly kind: "died"; readonly id: number; readonly reason: string };

/** What a lane tells. */
export type FromLane =
  | { readonly kind: "ready" | "serving" }
  | { readonly kind: "drained"; readonly left: number }
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  /** It accepts no more. */
  | { readonly kind: "ended"; readonly error: ErrorRecord }
  /** Whenever it changes. */
  | { readonly kind: "connections"; readonly open: number }
  | { readonly kind: "log"; readonly level: LogLevel; readonly message: string; readonly fields?: LogFields }
  /** It wants a thread of its own. */
  | { readonly kind: "spawn"; readonly id: number; readonly role: ThreadRole }
  | { readonly kind: "end"; readonly id: number };

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
   * @throws {ModuleError | PoolError} as the main thread's own start does.
   */
  static async start(
    config: AgentConfig,
    module: GuestModule,
    log: Log,
    onDeath: (error: Error) => void,
  ): Promise<Lanes> {
    // One after the other: together they would be no sooner ready on a machine that is busy with them.
    const lanes: LaneHandle[] = [];
    for (let number = 1; number < config.lanes; number++) {
      const lane = new LaneHandle(number, await startThread("lane"), log, onDeath);
      lanes.push(lane);
      await lane.ask({ kind: "start", config, module, descriptors: descriptors.shared });
    }
    return new Lanes(lanes);
  }

  /** Has all lanes accept connections of a listening socket. */
  async serve(fd: number): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.ask({ kind: "serve", fd })));
  }

  /** Connections open now, as far as it is known here. */
  get connections(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.connections, 0);
  }

  /** Has all lanes answer what is in flight and close their connections; tells how many were cut. */
  async drain(graceMs: number): Promise<number> {
    const alive = this.#lanes.filter((lane) => !lane.dead);
    const answers = await Promise.all(alive.map((lane) => lane.ask({ kind: "drain", graceMs })));
    return answers.reduce((sum, answer) => sum + (answer.kind === "drained" ? answer.left : 0), 0);
  }
}

/** One lane, asked one thing at a time. */
class LaneHandle {
  readonly #thread: Thread;
  /** Threads that it has asked for, by its own numbers. */
  readonly #spawned = new Map<number, Spawned>();
  #answer = Promise.withResolvers<FromLane>();
  connections = 0;
  dead = false;

  constructor(number: number, thread: Thread, log: Log, onDeath: (error: Error) => void) {
    this.#thread = thread;
    thread.listen<FromLane>((message) => {
      if (message.kind === "log") log[message.level](message.message, { ...message.fields, lane: number });
      else if (message.kind === "connections") this.connections = message.open;
      else if (message.kind === "spawn") this.#spawn(message.id, message.role);
      else if (message.kind === "end") this.#endSpawned(message.id);
      else if (message.kind === "ended") onDeath(errorFrom(message.error));
      else if (message.kind === "failed") this.#answer.reject(errorFrom(message.error));
      else this.#answer.resolve(message);
    });
    thread.onDeath = (reason) => {
      this.dead = true;
      this.connections = 0;
      const error = new PoolError(
        "POOL_LANE_DIED",
        `Cannot go on as all lanes must live: received "${reason}" from lane ${number}`,
      );
      this.#answer.reject(error);
      onDeath(error);
    };
  }

  ask(message: ToLane): Promise<FromLane> {
    this.#answer = Promise.withResolvers();
    this.#tell(message);
    return this.#answer.promise;
  }

  #tell(message: ToLane, ...handedOver: Transferable[]): void {
    this.#thread.post(message, handedOver);
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
