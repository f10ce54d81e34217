/**
 * Reading, checking, rewriting and compiling modules apart from the event loop, in a thread that ends with it: the thread's side.
 *
 * @module
 */

import { type ConfigRequest, readConfig } from "../config/mod.ts";
import { lowerPriority } from "../pool/mod.ts";
import { type ErrorRecord, onMessages, recordOf } from "../threads/mod.ts";
import { type SeenTypes, seenTypes, takeOverTypes } from "../wasm/mod.ts";
import { type Edition, loadEdition } from "./edition.ts";

/** What the thread is told, once. */
export interface ToLoader {
  readonly request: ConfigRequest;
  /** Types that V8 has seen so far. */
  readonly types: SeenTypes;
}

/** What it answers. V8 has seen the types of a module that is refused, too. */
export type FromLoader =
  | { readonly edition: Edition; readonly types: SeenTypes }
  | { readonly error: ErrorRecord; readonly types: SeenTypes };

/** Loads what it is told. */
export function loaderMain(): void {
  onMessages<ToLoader>(async ({ request, types }, send) => {
    const post = (message: FromLoader) => send(message);
    await lowerPriority();
    takeOverTypes(types);
    try {
      const edition = await loadEdition(await readConfig(request));
      post({ edition, types: seenTypes() });
    } catch (error) {
      post({ error: recordOf(error), types: seenTypes() });
    }
  });
}
