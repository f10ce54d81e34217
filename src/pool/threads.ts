/**
 * Threads without files of their own: the program's entry is the entry of every thread, told by the thread's name.
 *
 * This way works unchanged for a local run, a run from a URL, a compiled binary and a one-file bundle.
 *
 * @module
 */

import { PoolError } from "../errors.ts";

/** What a thread is for; also its name. */
export type ThreadRole = "watchdog" | "slot";

let entry: string | undefined;

/** Says which module threads start with: the program's own entry. Called once by it. */
export function setThreadEntry(url: string): void {
  entry = url;
}

/** True in a thread that {@linkcode startThread} made. */
export function threadRole(): ThreadRole | undefined {
  if (typeof WorkerGlobalScope === "undefined" || !(self instanceof WorkerGlobalScope)) return undefined;
  return self.name === "watchdog" || self.name === "slot" ? self.name : undefined;
}

/**
 * Starts a thread; resolves when it receives messages.
 *
 * @throws {PoolError} `POOL_THREAD_FAILED`
 */
export function startThread(role: ThreadRole): Promise<Worker> {
  if (entry === undefined) {
    throw new PoolError("POOL_THREAD_FAILED", "Cannot start thread as its entry must be set: received none");
  }
  const worker = new Worker(entry, { type: "module", name: role });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(
        new PoolError(
          "POOL_THREAD_FAILED",
          `Cannot start thread "${role}" as it must load the program's own files: received "${event.message}"`,
        ),
      );
    };
  });
}

/** In a thread: takes messages, and says that it does. */
export function onMessages<T>(handle: (message: T) => void): void {
  // The only sender is this program's main thread.
  self.addEventListener("message", (event: MessageEvent<T>) => handle(event.data));
  self.postMessage({ kind: "ready" });
}
