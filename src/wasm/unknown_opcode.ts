/**
 * What is said of instructions that a module must not have.
 *
 * @module
 */

import { ModuleFault } from "./fault.ts";
import type { Reader } from "./reader.ts";

/** An instruction that the tables do not have; `sub` is what follows a prefix. */
export function unknownOpcode(reader: Reader, offset: number, opcode: number, sub?: number): ModuleFault {
  return new ModuleFault(
    "MODULE_UNKNOWN_OPCODE",
    `in its ${reader.what} every instruction must be one of WebAssembly 3.0`,
    `${describe(opcode, sub)} at byte ${offset}`,
  );
}

/** An instruction of the threads proposal. */
export function atomicOpcode(reader: Reader, offset: number): ModuleFault {
  return new ModuleFault(
    "MODULE_USES_THREADS",
    "it must not use threads (a wait could not be ended)",
    `an atomic instruction at byte ${offset} in its ${reader.what}. Build it without threads and atomics`,
  );
}

/** An opcode in words for a message, with its proposal if it is known to belong to one. */
function describe(opcode: number, sub?: number): string {
  const hex = `0x${opcode.toString(16).padStart(2, "0")}`;
  if (sub === undefined) {
    return opcode >= 0xe0 && opcode <= 0xe6 ? `opcode ${hex} (of stack switching)` : `opcode ${hex}`;
  }
  const name = `opcode ${hex} 0x${sub.toString(16)}`;
  if (opcode === 0xfc && sub >= 0x13 && sub <= 0x16) return `${name} (of wide arithmetic)`;
  if (opcode === 0xfb && sub >= 0x80) return `${name} (of string references)`;
  if (opcode === 0xfb && sub >= 0x20 && sub <= 0x26) return `${name} (of custom descriptors)`;
  if (opcode === 0xfd && sub >= 0x120) return `${name} (of half-precision SIMD)`;
  return name;
}
