/**
 * The table of what modules get and give. To add one: a row here, its name in `guest/abi/abi.ts`.
 *
 * @module
 */

import type { Dialect } from "../../guest/mod.ts";
import type { ByteWriter, Head } from "../../protocol/mod.ts";
import { putModuleInput, putModuleInputV2 } from "./input.ts";
import { parseResult, RESULT_KEYS } from "./result.ts";
import type { Result } from "./result_fields.ts";
import { parseResultV2, RESULT_KEYS_V2 } from "./result_v2.ts";

/** The JSON of one ABI. */
export interface DialectRow {
  /** Appends a head. */
  readonly putInput: (out: ByteWriter, head: Head) => void;
  /** Reads an answer, and keeps no hold of the bytes. @throws {GuestError} `GUEST_BAD_RESULT` */
  readonly parse: (result: Uint8Array) => Result;
  /** Keys that an answer may have. */
  readonly keys: readonly string[];
}

/** By the name that an ABI gives. */
export const DIALECTS: Readonly<Record<Dialect, DialectRow>> = {
  "agent/1": { putInput: putModuleInput, parse: parseResult, keys: RESULT_KEYS },
  "agent/2": { putInput: putModuleInputV2, parse: parseResultV2, keys: RESULT_KEYS_V2 },
};
