/**
 * What C libraries for Wasm import from `env` besides WASI.
 *
 * @module
 */

import type { HostFunction } from "./mod.ts";
import { type ImportTypes, signature } from "./signature.ts";

/** Import name to type. */
export const LIBC_TYPES: ImportTypes = new Map([
  /** Emscripten tells its JavaScript that views on the memory are old; nobody keeps one here over a call. */
  ["emscripten_notify_memory_growth", signature(["i32"])],
  /** musl without threads: a thread is equal to itself. */
  ["pthread_equal", signature(["i32", "i32"], ["i32"])],
]);

/** The host's side of {@linkcode LIBC_TYPES}. */
export function libcImports(): Record<string, HostFunction> {
  return {
    emscripten_notify_memory_growth: () => {},
    pthread_equal: (a: number, b: number) => a === b ? 1 : 0,
  };
}
