/**
 * The start section: the function that an instantiation runs.
 *
 * @module
 */

import type { Reader } from "../reader.ts";

/**
 * Reads the start section: the index of one function.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-startsec
 */
export function readStartSection(reader: Reader): number {
  const index = reader.u32();
  reader.finish();
  return index;
}
