/**
 * `console` and `Date` as AssemblyScript's bindings import them from `env`.
 *
 * @see https://github.com/AssemblyScript/assemblyscript/blob/v0.28.9/std/assembly/bindings/dom.ts
 *
 * @module
 */

import type { HostContext, HostFunction } from "./mod.ts";
import { type ImportTypes, signature } from "./signature.ts";

/** Most timers that run at a time: their labels are kept here, not in the guest's memory. */
const MAX_TIMERS = 16;

const TEXT = signature(["i32"]);

/** Import name to type. */
export const CONSOLE_TYPES: ImportTypes = new Map([
  ["Date.now", signature([], ["f64"])],
  ["console.assert", signature(["i32", "i32"])],
  ["console.log", TEXT],
  ["console.debug", TEXT],
  ["console.info", TEXT],
  ["console.warn", TEXT],
  ["console.error", TEXT],
  ["console.time", TEXT],
  ["console.timeLog", TEXT],
  ["console.timeEnd", TEXT],
]);

/** The host's side of {@linkcode CONSOLE_TYPES}; `text` reads a string of the guest's. */
export function consoleImports(context: HostContext, text: (pointer: number) => string): Record<string, HostFunction> {
  const out = (pointer: number) => context.output("stdout", () => text(pointer));
  const err = (pointer: number) => context.output("stderr", () => text(pointer));
  const timers = new Map<string, number>();
  const showTimer = (label: string) => {
    const since = timers.get(label);
    if (since !== undefined) context.output("stdout", () => `${label}: ${(performance.now() - since).toFixed(3)} ms`);
  };
  return {
    "Date.now": () => Date.now(),
    "console.assert": (condition: number, message: number) => {
      if (condition === 0) context.output("stderr", () => `assertion failed: ${text(message)}`);
    },
    "console.log": out,
    "console.debug": out,
    "console.info": out,
    "console.warn": err,
    "console.error": err,
    "console.time": (pointer: number) => {
      if (timers.size < MAX_TIMERS) timers.set(text(pointer), performance.now());
    },
    "console.timeLog": (pointer: number) => showTimer(text(pointer)),
    "console.timeEnd": (pointer: number) => {
      const label = text(pointer);
      showTimer(label);
      timers.delete(label);
    },
  };
}
