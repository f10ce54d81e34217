/**
 * What AssemblyScript modules import from `env`.
 *
 * Strings are UTF-16; their size in bytes stands in the four bytes before them. Source: AssemblyScript 0.28 runtime, memory layout.
 *
 * @module
 */

import { escapeText } from "../../escape.ts";
import { MAX_LINE_BYTES } from "../output.ts";
import { viewGuest } from "../memory.ts";
import { consoleImports } from "./console.ts";
import type { HostContext, HostFunction } from "./mod.ts";
import { type ImportTypes, signature } from "./signature.ts";

/** Import name to type. `trace` always has room for five numbers. */
export const ASSEMBLYSCRIPT_TYPES: ImportTypes = new Map([
  ["abort", signature(["i32", "i32", "i32", "i32"])],
  ["seed", signature([], ["f64"])],
  ["trace", signature(["i32", "i32", "f64", "f64", "f64", "f64", "f64"])],
]);

const decoder = new TextDecoder("utf-16le");

/** The host's side of {@linkcode ASSEMBLYSCRIPT_TYPES} and of `console`. */
export function assemblyScriptImports(context: HostContext): Record<string, HostFunction> {
  const text = (pointer: number) => readText(context.memory(), pointer);
  return {
    ...consoleImports(context, text),
    abort: (message: number, file: number, line: number, column: number) =>
      context.abort("GUEST_ABORTED", `${text(message)} at ${text(file)}:${line}:${column}`),
    seed: () => Math.random() * 2 ** 53,
    trace: (message: number, count: number, ...values: number[]) => {
      context.output("trace", () => {
        const shown = values.slice(0, Math.min(count, values.length)).join(", ");
        return `${text(message)}${shown === "" ? "" : ` ${shown}`}`;
      });
    },
  };
}

function readText(memory: WebAssembly.Memory, pointer: number): string {
  if (pointer === 0) return "";
  if (pointer < 4) return "(unreadable)";
  const size = new DataView(memory.buffer).getUint32(pointer - 4, true);
  const bytes = viewGuest(memory, pointer, Math.min(size, MAX_LINE_BYTES) & ~1, "string");
  return escapeText(decoder.decode(bytes), MAX_LINE_BYTES);
}
