/**
 * Access to a guest's memory with every pointer checked.
 *
 * @module
 */

import { GuestError } from "../errors.ts";

/** All bytes of a memory, which may grow whenever the guest runs. */
export class MemoryView {
  readonly memory: WebAssembly.Memory;
  /** Detached, and so of length 0, once the memory has grown. */
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** Valid until the guest runs again. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }
}

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
