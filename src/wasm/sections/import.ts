/**
 * The import section: what the module wants from the host.
 *
 * @module
 */

import { readMemoryType, readTableType } from "../limits.ts";
import { readGlobalType } from "./global.ts";
import type { Reader } from "../reader.ts";
import { functionTypeAt } from "./function.ts";
import { readTagType } from "./tag.ts";
import type { DefinedType } from "./type.ts";
import type { ExternType } from "../types.ts";

/** One import: names need not be unique, and any Unicode string is a legal name. */
export interface Import {
  /** Such as `env` or `wasi_snapshot_preview1`. */
  readonly module: string;
  /** May be empty, as may `module`. */
  readonly name: string;
  /** A function's signature stands here in full, not its index. */
  readonly type: ExternType;
}

/**
 * Reads the import section: per entry module name, name, kind (0 function, 1 table, 2 memory, 3 global, 4 tag), type.
 *
 * `01 03 65 6e 76 01 66 00 00` imports `env.f`, a function of type 0.
 *
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-importsec
 */
export function readImportSection(reader: Reader, types: readonly DefinedType[]): Import[] {
  const imports: Import[] = [];
  for (let count = reader.count(4); count > 0; count--) {
    imports.push({ module: reader.name(), name: reader.name(), type: readImportType(reader, types) });
  }
  reader.finish();
  return imports;
}

function readImportType(reader: Reader, types: readonly DefinedType[]): ExternType {
  const kind = reader.byte();
  switch (kind) {
    case 0:
      return functionTypeAt(reader, types);
    case 1:
      return readTableType(reader);
    case 2:
      return readMemoryType(reader);
    case 3:
      return readGlobalType(reader);
    case 4:
      return readTagType(reader, types);
    default:
      return reader.fail("an import's kind must be 0 to 4", kind, reader.pos - 1);
  }
}
