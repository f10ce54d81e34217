/**
 * Further event loops: the thread's side.
 *
 * @module
 */

import type { AgentConfig } from "../config/mod.ts";
import { countDescriptors } from "../descriptors.ts";
import { createLog, type Metrics, type Observer } from "../ops/mod.ts";
import { type Server, SharedListener, Successor } from "../server/mod.ts";
import { errorFrom, onMessages, type Post, recordOf, setThreadStart, Thread, type ThreadRole } from "../threads/mod.ts";
import { countedFile } from "./counted_file.ts";
import { Lane, type Staged } from "./lane.ts";
import type { Ask, FromLane, ToLane } from "./lanes.ts";
import { tracer } from "./tracing.ts";

/** Runs a lane: serves as the main thread's messages say. */
export function laneMain(): void {
  let lane: LaneThread | undefined;
  onMessages<ToLane>((message, post) => (lane ??= new LaneThread(post)).take(message));
}

/** Carries out what the main thread sends: the other end of a `LaneHandle`. */
class LaneThread {
  readonly #post: Post;
  /** Threads of its own, asked for and not there yet, or there. */
  readonly #asked = new Map<number, PromiseWithResolvers<Thread>>();
  readonly #threads = new Map<number, Thread>();
  /** Configurations that the main thread has not answered yet. */
  readonly #configuring = new Map<number, PromiseWithResolvers<string | undefined>>();
  #ids = 0;
  #lane: Lane | undefined;
  #metrics: Metrics | undefined;
  #server: Server | undefined;
  #staged: Staged | undefined;

  constructor(post: Post) {
    this.#post = post;
    setThreadStart((role) => this.#startThread(role));
  }

  async take(message: ToLane): Promise<void> {
    switch (message.kind) {
      case "report": {
        const pools = this.#lane?.pools.map((pool) => pool.snapshot()) ?? [];
        return this.#tell({ kind: "report", report: { figures: [...this.#metrics?.figures() ?? []], pools } });
      }
      case "spawned": {
        const { id, port } = message;
        const thread = new Thread(port, () => this.#tell({ kind: "end", id }));
        this.#threads.set(id, thread);
        return this.#asked.get(id)?.resolve(thread);
      }
      case "configured":
        this.#configuring.get(message.id)?.resolve(message.refusal);
        this.#configuring.delete(message.id);
        return;
      case "not spawned":
        return this.#asked.get(message.id)?.reject(errorFrom(message.error));
      case "died":
        this.#threads.get(message.id)?.onDeath(message.reason);
        this.#threads.delete(message.id);
        return;
      default:
        try {
          const left = await this.#do(message);
          return this.#tell({ kind: "done", ask: message.ask, left });
        } catch (error) {
          return this.#tell({ kind: "failed", ask: message.ask, error: recordOf(error) });
        }
    }
  }

  /** Resolves for a drain to the number of connections that were cut. */
  async #do(ask: Ask): Promise<number | undefined> {
    switch (ask.kind) {
      case "start": {
        const { edition } = ask;
        // Only one thread writes the log.
        const log = createLog(
          (level, text, fields) => this.#tell({ kind: "log", level, message: text, fields }),
          edition.config.log.verbose,
          () => Promise.resolve(),
        );
        countDescriptors(countedFile(edition.config), ask.descriptors);
        this.#lane = await Lane.start(edition, log, {
          connections: (open) => this.#tell({ kind: "connections", open }),
        }, ...await this.#onlookers(edition.config));
        this.#lane.onConfigure = (config) => this.#configure(config);
        return;
      }
      case "serve":
        this.#server = this.#lane?.serve(await SharedListener.join(ask.fd));
        this.#server?.run().catch((error) => this.#tell({ kind: "ended", error: recordOf(error) }));
        return;
      case "hand over":
        await this.#server?.handOver(new Successor(ask.path));
        return;
      case "drain":
        return await this.#server?.drain(ask.graceMs);
      case "stage":
        this.#staged = await this.#lane?.stage(ask.edition);
        return;
      case "take":
      case "drop":
        await this.#staged?.[ask.kind]();
        this.#staged = undefined;
    }
  }

  /** The observers that the configuration and the environment ask for. */
  async #onlookers({ admin, record }: AgentConfig): Promise<readonly Observer[]> {
    this.#metrics = admin && new (await import("../ops/metrics.ts")).Metrics();
    const recorder = record && new (await import("./recorder.ts")).Recorder(
      record,
      (line) => this.#tell({ kind: "record", line }),
      () => this.#tell({ kind: "not recorded" }),
    );
    return [this.#metrics ?? {}, recorder ?? {}, await tracer()];
  }

  #tell(message: FromLane): void {
    this.#post(message);
  }

  #configure(config: unknown): Promise<string | undefined> {
    const id = ++this.#ids;
    const configuring = Promise.withResolvers<string | undefined>();
    this.#configuring.set(id, configuring);
    this.#tell({ kind: "configure", id, config });
    return configuring.promise;
  }

  async #startThread(role: ThreadRole): Promise<Thread> {
    const id = ++this.#ids;
    const asked = Promise.withResolvers<Thread>();
    this.#asked.set(id, asked);
    this.#tell({ kind: "spawn", id, role });
    try {
      return await asked.promise;
    } finally {
      this.#asked.delete(id);
    }
  }
}
