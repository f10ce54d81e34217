/**
 * How the tables of host functions write their types.
 *
 * @module
 */

import type { FunctionType, ValueType } from "../../wasm/mod.ts";

/** Import name to the type that the host's function of that name has. */
export type ImportTypes = ReadonlyMap<string, FunctionType>;

/** The type of a host function: `signature(["i32", "i64"], ["f64"])` takes two values and returns one. */
export function signature(params: readonly ValueType[], results: readonly ValueType[] = []): FunctionType {
  return { kind: "function", params, results };
}
