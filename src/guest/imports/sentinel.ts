/**
 * What this host offers of its own, to modules of any ABI, under the import module `sentinel`.
 *
 * | import | signature | |
 * |---|---|---|
 * | `log` | (i32 level, i32 pointer, i32 length) -> () | one line of the log; 0 error, 1 warning, 2 info, all else debug |
 * | `now_ms` | () -> i64 | milliseconds since 1970 |
 * | `random` | (i32 pointer, i32 length) -> () | fills memory with random bytes |
 * | `config` | (i32 pointer, i32 capacity) -> i32 | copies what fits of the configuration; its whole length |
 * | `metric_add` | (i32 name pointer, i32 name length, f64 value) -> () | adds to a counter of the module's own |
 *
 * @module
 */

import { escapeText } from "../../escape.ts";
import type { ModuleInfo } from "../../wasm/mod.ts";
import { viewGuest } from "../memory.ts";
import { MAX_LINE_BYTES, type OutputLevel } from "../output.ts";
import type { HostContext, HostFunction } from "./mod.ts";
import { fillRandom } from "./random.ts";
import { type ImportTypes, signature } from "./signature.ts";

/** The import module. */
export const SENTINEL = "sentinel";

/** True for a module that reads its configuration when it likes. */
export function importsConfiguration(info: ModuleInfo): boolean {
  return info.imports.some(({ module, name }) => module === SENTINEL && name === "config");
}

/** Import name to type. */
export const SENTINEL_TYPES: ImportTypes = new Map([
  ["log", signature(["i32", "i32", "i32"])],
  ["now_ms", signature([], ["i64"])],
  ["random", signature(["i32", "i32"])],
  ["config", signature(["i32", "i32"], ["i32"])],
  ["metric_add", signature(["i32", "i32", "f64"])],
]);

const ERROR = 0;
const LEVELS: readonly OutputLevel[] = ["error", "warning", "info"];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The host's side of {@linkcode SENTINEL_TYPES}. */
export function sentinelImports(context: HostContext): Record<string, HostFunction> {
  let configuration: Uint8Array | undefined;
  return {
    log: (level: number, pointer: number, length: number) => {
      const bytes = viewGuest(context.memory(), pointer, length, "line").subarray(0, MAX_LINE_BYTES);
      const line = () => escapeText(decoder.decode(bytes), MAX_LINE_BYTES);
      // A panic handler has nowhere else to say why.
      if (level === ERROR) context.lastWords.note(bytes);
      if (length > 0) context.output("log", line, LEVELS[level] ?? "debug");
    },
    now_ms: () => BigInt(Date.now()),
    random: (pointer: number, length: number) => fillRandom(context, pointer, length),
    config: (pointer: number, capacity: number) => {
      configuration ??= encoder.encode(context.configuration);
      const copied = configuration.subarray(0, capacity);
      // Nothing is copied to nowhere: who asks for the length has no memory for it yet.
      if (copied.length > 0) viewGuest(context.memory(), pointer, copied.length, "configuration").set(copied);
      return configuration.length;
    },
    metric_add: (pointer: number, length: number, value: number) =>
      context.measure(viewGuest(context.memory(), pointer, length, "name of a metric"), value),
  };
}
