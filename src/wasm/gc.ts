/**
 * What a module could fill V8's garbage-collected heap with.
 *
 * @module
 */

import { ModuleFault } from "./fault.ts";
import type { Declarations } from "./declarations.ts";
import type { ValueType } from "./types.ts";

/** What a tag may carry without `--allow-gc`, in 32-bit words: every exception in flight holds them on the heap. */
const MAX_TAG_WORDS = 32;

const EXCEPTION_TYPES: ReadonlySet<ValueType> = new Set(["exnref", "(ref exn)"]);
/** What a number takes in a tag; a type that is not here is a reference. */
const WORDS: ReadonlyMap<ValueType, number> = new Map([["i32", 1], ["i64", 2], ["f32", 1], ["f64", 2], ["v128", 4]]);

/**
 * Refuses a module that can fill the garbage-collected heap.
 *
 * Structs and arrays are made there, and exceptions: those stay alive in a table, in a global and in another exception,
 * which makes chains of any length; all else that holds them is bounded by the stack.
 *
 * @param allocatesAt Offset of the first allocating instruction in the code, or -1.
 * @throws {ModuleError} `MODULE_USES_GC`.
 */
export function checkNoGc(declarations: Declarations, allocatesAt: number): void {
  if (allocatesAt >= 0) throw usesGc(`an instruction that does at byte ${allocatesAt}`);
  if (declarations.ownGlobals.some(({ allocates }) => allocates)) throw usesGc("a global that is made there");
  if (declarations.ownTables.some(({ allocates }) => allocates)) throw usesGc("a table filled from there");
  if (declarations.elementSegments.some(({ allocates }) => allocates)) throw usesGc("an element segment made there");
  if (declarations.tables.some(({ elementType }) => EXCEPTION_TYPES.has(elementType))) {
    throw usesGc("a table that keeps exceptions");
  }
  if (declarations.globals.some(({ valueType }) => EXCEPTION_TYPES.has(valueType))) {
    throw usesGc("a global that keeps an exception");
  }
  for (const { params } of declarations.tags) {
    const reference = params.find((type) => !WORDS.has(type));
    if (reference !== undefined) throw usesGc(`an exception tag that carries a reference, ${reference}`);
    const words = params.reduce((sum, type) => sum + (WORDS.get(type) ?? 0), 0);
    if (words > MAX_TAG_WORDS) throw usesGc(`an exception tag of ${words} words, more than ${MAX_TAG_WORDS}`);
  }
}

function usesGc(received: string): ModuleFault {
  return new ModuleFault(
    "MODULE_USES_GC",
    "it must not allocate on the garbage-collected heap (a full one ends V8 and with it the process, whatever the " +
      "memory limit)",
    `${received}. Use --allow-gc for a module that you trust`,
  );
}
