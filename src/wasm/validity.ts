/**
 * Whether V8 takes a module, and why not.
 *
 * @module
 */

import { ModuleError } from "../errors.ts";
import { escapeText } from "../escape.ts";
import { BodyScanner } from "./body_scanner.ts";
import { ModuleFault } from "./fault.ts";
import type { Declarations } from "./declarations.ts";
import { readCodeSection } from "./sections/code.ts";
import { SectionId, sectionReader } from "./sections/list.ts";
import { typeBudget } from "./type_budget.ts";

/** V8 puts names of the module into its reasons. */
const MAX_REASON = 500;

/**
 * Checks that V8 accepts a module as it is.
 *
 * The rewritten bytes do not show it: an index one past the module's own is valid in them, because something is appended.
 *
 * @throws {ModuleError} `MODULE_TOO_MANY_TYPES`, `MODULE_UNKNOWN_OPCODE` if an instruction beyond WebAssembly 3.0 is why
 * it does not, otherwise `MODULE_INVALID` with V8's reason.
 */
export function checkValid(declarations: Declarations): void {
  const { bytes } = declarations;
  typeBudget.take(declarations);
  if (WebAssembly.validate(bytes)) return;
  checkOpcodes(declarations);
  throw new ModuleFault("MODULE_INVALID", "it must be valid WebAssembly", escapeText(reasonOf(bytes), MAX_REASON));
}

/** Raises `MODULE_UNKNOWN_OPCODE` for an unknown opcode; any other fault is left for V8 to name. */
function checkOpcodes(declarations: Declarations): void {
  const section = declarations.section(SectionId.code);
  if (section === undefined) return;
  try {
    const scanner = new BodyScanner(declarations);
    readCodeSection(
      sectionReader(declarations.bytes, section),
      (start, end) => scanner.scan(declarations.bytes, start, end),
    );
  } catch (error) {
    if (!(error instanceof ModuleError) || error.code === "MODULE_UNKNOWN_OPCODE") throw error;
  }
}

function reasonOf(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    // Cheap: V8 gives up at the first fault, before it compiles anything.
    new WebAssembly.Module(bytes);
    return "no reason from V8";
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^WebAssembly\.Module\(\): /, "") : String(error);
  }
}
