/**
 * Reading, checking, rewriting and compiling modules apart from the event loop: the side of the event loop.
 *
 * @module
 */

import type { ConfigRequest } from "../config/mod.ts";
import { PoolError } from "../errors.ts";
import { errorFrom, startThread } from "../threads/mod.ts";
import { seenTypes, takeOverTypes } from "../wasm/mod.ts";
import type { Edition } from "./edition.ts";
import type { FromLoader, ToLoader } from "./loader_thread.ts";

/**
 * The edition that is asked for, read anew in a thread. Called on the main thread, one at a time, and while nothing else compiles.
 *
 * @throws {ConfigError | ModuleError} as `loadEdition` does. @throws {PoolError} `POOL_THREAD_FAILED`
 */
export async function loadApart(request: ConfigRequest): Promise<Edition> {
  const thread = await startThread("loader");
  try {
    const answer = Promise.withResolvers<FromLoader>();
    thread.onDeath = (reason) => answer.reject(died(reason));
    thread.listen<FromLoader>(answer.resolve);
    const ask: ToLoader = { request, types: seenTypes() };
    thread.post(ask);
    const loaded = await answer.promise;
    takeOverTypes(loaded.types);
    if ("error" in loaded) throw errorFrom(loaded.error);
    return loaded.edition;
  } finally {
    thread.end();
  }
}

function died(reason: string): PoolError {
  return new PoolError("POOL_THREAD_FAILED", `Cannot load modules as their thread must live: received "${reason}"`);
}
