import { ModuleError } from "../errors.ts";

/**
 * Checks that V8 accepts a module as it is.
 *
 * This must come before anything is appended: an index one past the module's own would be valid afterwards.
 *
 * @throws {ModuleError} `MODULE_INVALID` with V8's reason.
 */
export function checkValid(bytes: Uint8Array<ArrayBuffer>): void {
  if (WebAssembly.validate(bytes)) return;
  throw new ModuleError(
    "MODULE_INVALID",
    `Cannot use the module as it must be valid WebAssembly: received ${reasonOf(bytes)}`,
  );
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
