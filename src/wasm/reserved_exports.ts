/**
 * Names of the exports that the rewrite adds for the host.
 *
 * @module
 */

import { quoted } from "../escape.ts";
import type { Declarations } from "./declarations.ts";
import { ModuleFault } from "./fault.ts";

/** Name of the exported epoch memory: its first i32 is 0 while a call may run, anything else ends it by a trap. */
export const EPOCH_EXPORT = "sentinel:epoch";

/** Name of an exported function `() -> ()` that traps: host imports end a call by it, because no guest can catch a trap. */
export const TRAP_EXPORT = "sentinel:trap";

/**
 * Name under which the start function, if there is one, is exported. The host calls it right after the instantiation:
 * only then can it reach the epoch word, so only then does the function run under a deadline.
 */
export const START_EXPORT = "sentinel:start";

/** All reserved names begin with it. */
const RESERVED_PREFIX = "sentinel:";

/**
 * Name under which the module's own memory of this number, counted from 0 without the imported ones, is exported: the
 * host counts what all memories of an instance take.
 */
export function memoryExport(number: number): string {
  return `${RESERVED_PREFIX}memory:${number}`;
}

/**
 * Refuses a module that has one of the reserved names itself.
 *
 * @throws {ModuleError} `MODULE_RESERVED_EXPORT`
 */
export function checkExportNames(declarations: Declarations): void {
  const reserved = declarations.exports.find(({ name }) => name.startsWith(RESERVED_PREFIX));
  if (reserved) {
    throw new ModuleFault(
      "MODULE_RESERVED_EXPORT",
      `no export's name may begin with "${RESERVED_PREFIX}"`,
      `an export ${quoted(reserved.name)}. Was it instrumented before?`,
    );
  }
}
