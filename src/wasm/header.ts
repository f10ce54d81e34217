/**
 * The header of a module, and what people give to the agent in place of one.
 *
 * @module
 */

import { ModuleFault } from "./fault.ts";
import { describeFile, hex } from "./file_kind.ts";

/** Bytes of the header; the first section follows. */
export const HEADER_BYTES = 8;

/**
 * Checks the header.
 *
 * | bytes | field |
 * |---|---|
 * | 0-3 | `00 61 73 6d`, magic number |
 * | 4-7 | `01 00 00 00`, version (a component has `0d 00 01 00`) |
 *
 * @throws {ModuleError} `MODULE_NOT_WASM` for another file or a component.
 * @see https://webassembly.github.io/spec/core/binary/modules.html#binary-module
 */
export function checkHeader(bytes: Uint8Array): void {
  const [a, b, c, d, e, f, g, h] = bytes;
  if (a !== 0 || b !== 0x61 || c !== 0x73 || d !== 0x6d) {
    throw new ModuleFault(
      "MODULE_NOT_WASM",
      "its file must begin with 00 61 73 6d, the magic number of WebAssembly",
      describeFile(bytes),
    );
  }
  if (g === 1 && h === 0) {
    throw new ModuleFault(
      "MODULE_NOT_WASM",
      "it must be a core module",
      "a component. Build it as a core module " +
        '(a Rust "cdylib" for wasm32-unknown-unknown or wasm32-wasip1, Go with -buildmode=c-shared), without ' +
        '"wasm-tools component new"',
    );
  }
  if (e !== 1 || f !== 0 || g !== 0 || h !== 0) {
    throw new ModuleFault(
      "MODULE_NOT_WASM",
      "its WebAssembly version must be 1",
      hex(bytes.subarray(4, HEADER_BYTES)) || "nothing",
    );
  }
}
