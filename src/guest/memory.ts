/**
 * Access to a guest's memory with every pointer checked.
 *
 * @module
 */

import { GuestError } from "../errors.ts";

/**
 * The bytes at `pointer`; valid until the guest runs again.
 *
 * @throws {GuestError} `GUEST_OUT_OF_BOUNDS`
 */
export function viewGuest(memory: WebAssembly.Memory, pointer: number, length: number, what: string): Uint8Array {
  const size = memory.buffer.byteLength;
  if (pointer + length > size) {
    throw new GuestError(
      "GUEST_OUT_OF_BOUNDS",
      `Cannot access ${what} as it must lie in memory of ${size} bytes: received ${length} bytes at ${pointer}`,
    );
  }
  return new Uint8Array(memory.buffer, pointer, length);
}
