/**
 * The memory section: the module's own memories.
 *
 * @module
 */

import { readMemoryType } from "../limits.ts";
import type { Reader } from "../reader.ts";
import type { MemoryType } from "../types.ts";

/**
 * Reads the memory section: the limits of each memory that the module defines.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-memsec
 */
export function readMemorySection(reader: Reader): MemoryType[] {
  const memories: MemoryType[] = [];
  for (let count = reader.count(2); count > 0; count--) memories.push(readMemoryType(reader));
  reader.finish();
  return memories;
}
