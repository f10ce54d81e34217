/**
 * Threads without files of their own: the program's entry is the entry of every thread, told by the thread's name.
 *
 * This way works unchanged for a local run, a run from a URL, a compiled binary and a one-file bundle.
 *
 * @module
 */

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

/** Starts a thread; resolves when it receives messages. */
export function startThread(role: ThreadRole): Promise<Worker> {
  if (entry === undefined) throw new TypeError("Cannot start thread as its entry must be set: received none");
  const worker = new Worker(entry, { type: "module", name: role });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot start thread "${role}": ${event.message}`));
    };
  });
}

/** In a thread: gives up every permission, takes messages, and says that it does. */
export function onMessages<T>(handle: (message: T) => void): void {
  for (const name of ["read", "write", "net", "env", "run", "ffi", "sys", "import"] as const) {
    Deno.permissions.revokeSync({ name });
  }
  // The only sender is this program's main thread.
  self.addEventListener("message", (event: MessageEvent<T>) => handle(event.data));
  self.postMessage({ kind: "ready" });
}
