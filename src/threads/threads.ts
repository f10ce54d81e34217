/**
 * Threads without files of their own: the program's entry is the entry of every thread, told by the thread's name.
 *
 * This way works unchanged for a local run, a run from a URL, a compiled binary and a one-file bundle. All threads are started by
 * the main thread, at the request of others too: one that a thread starts itself takes half a second to come up, and another half
 * to its first message (Deno 2.9.6).
 *
 * @module
 */

import { PoolError } from "../errors.ts";
import { descriptors } from "../descriptors.ts";
import { now } from "../time.ts";
import { noteWork } from "../turn.ts";

/** What a thread is for; also its name. */
export type ThreadRole = "watchdog" | "slot" | "lane" | "loader";

const ROLES: readonly ThreadRole[] = ["watchdog", "slot", "lane", "loader"];

/** Sends a message, and what is handed over with it. */
export type Post = (message: unknown, handedOver?: Transferable[]) => void;

/** A thread, as the code that has asked for it holds it. */
export class Thread {
  readonly #port: MessagePort;
  readonly #end: () => void;
  /** Told if the thread ends by itself. */
  onDeath = (_reason: string): void => {};

  /** Holds the thread at the other end of `port`; `end` ends it. */
  constructor(port: MessagePort, end: () => void) {
    this.#port = port;
    this.#end = end;
  }

  /** Sends to the thread. */
  readonly post: Post = (message, handedOver = []) => this.#port.postMessage(message, handedOver);

  /** Takes the thread's messages from now on. Their only sender is this program's own code. */
  listen<T>(take: (message: T) => void): void {
    this.#port.onmessage = ({ data }: MessageEvent<T>) => take(data);
  }

  /** Ends the thread; one that spins goes on doing so. */
  end(): void {
    this.#end();
    this.#port.close();
  }
}

/** A thread that can be handed to another. */
export interface Spawned {
  /** The port for the messages of the code that gets the thread. */
  readonly port: MessagePort;
  /** Told if the thread ends by itself. */
  onDeath: (reason: string) => void;
  /** Ends the thread; one that spins goes on doing so. */
  end(): void;
}

/** Starts a thread; resolves when it is up. */
export type StartThread = (role: ThreadRole) => Promise<Thread>;

let entry: string | undefined;
let startOtherwise: StartThread | undefined;

/** Says which module threads start with: the program's own entry. Called once by it. */
export function setThreadEntry(url: string): void {
  entry = url;
}

/** Says that threads are not to be started by this thread, but so. */
export function setThreadStart(start: StartThread): void {
  startOtherwise = start;
}

/**
 * Starts a thread; resolves when it is up.
 *
 * @throws {PoolError} `POOL_THREAD_FAILED`
 */
export async function startThread(role: ThreadRole): Promise<Thread> {
  if (startOtherwise !== undefined) return await startOtherwise(role);
  const spawned = await spawnThread(role);
  const thread = new Thread(spawned.port, spawned.end);
  spawned.onDeath = (reason) => thread.onDeath(reason);
  return thread;
}

/** The same, to be handed on. @throws {PoolError} `POOL_THREAD_FAILED` */
export async function spawnThread(role: ThreadRole): Promise<Spawned> {
  if (entry === undefined) {
    throw new PoolError("POOL_THREAD_FAILED", "Cannot start thread as its entry must be set: received none");
  }
  const url = entry;
  return await descriptors.startThread(() => spawn(url, role));
}

async function spawn(url: string, role: ThreadRole): Promise<Spawned> {
  const startedAt = now();
  const worker = new Worker(url, { type: "module", name: role });
  now();
  noteWork(startedAt);
  const up = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  const spawned: Spawned = {
    port: port2,
    onDeath: (reason) =>
      up.reject(
        new PoolError(
          "POOL_THREAD_FAILED",
          `Cannot start thread "${role}" as it must load the program's own files: received "${reason}"`,
        ),
      ),
    end: () => worker.terminate(),
  };
  worker.onmessage = () => up.resolve();
  worker.onerror = (event) => {
    event.preventDefault();
    spawned.onDeath(event.message);
  };
  await up.promise;
  worker.postMessage(port1, [port1]);
  return spawned;
}

/** True in a thread that {@linkcode startThread} made. */
export function threadRole(): ThreadRole | undefined {
  if (typeof WorkerGlobalScope === "undefined" || !(self instanceof WorkerGlobalScope)) return undefined;
  return ROLES.find((role) => role === self.name);
}

/** In a thread: takes messages, and says that it does. */
export function onMessages<T>(handle: (message: T, post: Post) => void): void {
  self.addEventListener("message", ({ data: port }: MessageEvent<MessagePort>) => {
    const post: Post = (message, handedOver = []) => port.postMessage(message, handedOver);
    port.onmessage = ({ data }: MessageEvent<T>) => handle(data, post);
  }, { once: true });
  self.postMessage("up");
}
