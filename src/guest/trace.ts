/**
 * Where in a module a call failed: V8's stack, in terms of the module's file.
 *
 * @module
 */

import { escapeText } from "../escape.ts";
import { type CodeMap, placeOf } from "../wasm/terms.ts";
import { demangle } from "./demangle.ts";

/**
 * A frame of V8's. The offset counts from the beginning of the rewritten module; the number of the function is not used, because
 * Deno 2.9.6 writes 0 for each.
 */
const FRAME = /^ *at .*wasm-function\[\d+\]:0x([0-9a-f]{1,8})\)?$/;

/** V8 keeps ten frames of a stack if it is not told, and a panic of Rust's alone takes seven. It has to know before the trap. */
Error.stackTraceLimit = 24;

/** Longest name shown. */
const MAX_NAME = 120;

/** Frames of the module that were on the stack, innermost first; those of a recursion stand once, with their number. */
export function traceOf(cause: unknown, map: CodeMap): readonly string[] {
  // What is no Error of V8's, such as an exception of the guest's, has no stack.
  if (!(cause instanceof Error) || cause.stack === undefined) return [];
  const frames: { readonly text: string; times: number }[] = [];
  for (const line of cause.stack.split("\n")) {
    const offset = FRAME.exec(line)?.[1];
    const place = offset === undefined ? undefined : placeOf(map, Number.parseInt(offset, 16));
    if (place === undefined) continue;
    const at = `byte 0x${place.offset.toString(16)}`;
    const name = place.name === undefined ? "" : escapeText(demangle(place.name), MAX_NAME);
    const text = name === ""
      ? `function ${place.functionIndex} (${at})`
      : `${name} (function ${place.functionIndex}, ${at})`;
    const last = frames.at(-1);
    if (last?.text === text) last.times++;
    else frames.push({ text, times: 1 });
  }
  return frames.map(({ text, times }) => times === 1 ? text : `${text}, ${times} times`);
}
