/**
 * The tag section: the module's own exception tags.
 *
 * @module
 */

import { functionTypeAt } from "./function.ts";
import type { Reader } from "../reader.ts";
import type { DefinedType } from "./type.ts";
import type { TagType } from "../types.ts";

/**
 * Reads a tag's type: an attribute, always 0, then the index of a function type without results.
 *
 * @see https://webassembly.github.io/spec/core/binary/types.html#binary-tagtype
 */
export function readTagType(reader: Reader, types: readonly DefinedType[]): TagType {
  const attribute = reader.byte();
  if (attribute !== 0) reader.fail("a tag's attribute must be 0", attribute, reader.pos - 1);
  return { kind: "tag", params: functionTypeAt(reader, types).params };
}

/**
 * Reads the tag section: the type of each exception tag that the module defines.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-tagsec
 */
export function readTagSection(reader: Reader, types: readonly DefinedType[]): TagType[] {
  const tags: TagType[] = [];
  for (let count = reader.count(2); count > 0; count--) tags.push(readTagType(reader, types));
  reader.finish();
  return tags;
}
