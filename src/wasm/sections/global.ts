/**
 * The global section: the module's own globals.
 *
 * @module
 */

import { skipConstantExpression } from "../instructions.ts";
import type { Reader } from "../reader.ts";
import type { GlobalType } from "../types.ts";
import { readValueType } from "../value_type.ts";

/** One global that the module defines. */
export interface Global {
  readonly type: GlobalType;
  /** Its initial value is made on the garbage-collected heap. */
  readonly allocates: boolean;
}

/**
 * Reads a global's type: a value type, then 0 (constant) or 1 (mutable).
 *
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-globaltype
 */
export function readGlobalType(reader: Reader): GlobalType {
  const valueType = readValueType(reader);
  const mutability = reader.byte();
  if (mutability > 1) reader.fail("a global's mutability must be 0 or 1", mutability, reader.pos - 1);
  return { kind: "global", valueType, mutable: mutability === 1 };
}

/**
 * Reads the global section: a type and the expression of the initial value, for each global.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-globalsec
 */
export function readGlobalSection(reader: Reader): Global[] {
  const globals: Global[] = [];
  for (let count = reader.count(3); count > 0; count--) {
    globals.push({ type: readGlobalType(reader), allocates: skipConstantExpression(reader) });
  }
  reader.finish();
  return globals;
}
