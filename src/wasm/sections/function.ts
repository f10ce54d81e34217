/**
 * The function section: the types of the functions whose bodies are in the code section.
 *
 * @module
 */

import type { Reader } from "../reader.ts";
import type { DefinedType } from "./type.ts";
import type { FunctionType } from "../types.ts";

/**
 * Reads a type index that must be a function's.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-typeidx
 */
export function functionTypeAt(reader: Reader, types: readonly DefinedType[]): FunctionType {
  const start = reader.pos;
  const index = reader.u32();
  const type = types[index];
  if (type?.kind !== "function") reader.fail("a type index must be that of a function type", index, start);
  return type;
}

/**
 * Reads the function section: the type of each function that the module defines.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-funcsec
 */
export function readFunctionSection(reader: Reader, types: readonly DefinedType[]): FunctionType[] {
  const functions: FunctionType[] = [];
  for (let count = reader.count(1); count > 0; count--) functions.push(functionTypeAt(reader, types));
  reader.finish();
  return functions;
}
