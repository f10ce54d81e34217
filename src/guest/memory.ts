/**
 * A guest's memory, with every pointer checked.
 *
 * @module
 */

import { GuestError } from "../errors.ts";

/** All bytes of one memory, which may grow whenever the guest runs. */
export class GuestMemory {
  /** As V8 has it. */
  readonly memory: WebAssembly.Memory;
  /** Detached, and so of length 0, once the memory has grown. */
  #bytes: Uint8Array = new Uint8Array(0);

  /** Looks at the memory of an instance that is alive. */
  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** Valid until the guest runs again. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  /** The bytes at `pointer`; valid until the guest runs again. @throws {GuestError} `GUEST_OUT_OF_BOUNDS` */
  view(pointer: number, length: number, what: string): Uint8Array {
    const { bytes } = this;
    if (pointer + length > bytes.length) throw outOfBounds(what, bytes.length, pointer, length);
    return bytes.subarray(pointer, pointer + length);
  }

  /** Copies `source` to `pointer`. @throws {GuestError} `GUEST_OUT_OF_BOUNDS` */
  write(pointer: number, source: Uint8Array, what: string): void {
    const { bytes } = this;
    if (pointer + source.length > bytes.length) throw outOfBounds(what, bytes.length, pointer, source.length);
    bytes.set(source, pointer);
  }
}

/**
 * The bytes at `pointer`; valid until the guest runs again.
 *
 * @throws {GuestError} `GUEST_OUT_OF_BOUNDS`
 */
export function viewGuest(memory: WebAssembly.Memory, pointer: number, length: number, what: string): Uint8Array {
  const size = memory.buffer.byteLength;
  if (pointer + length > size) throw outOfBounds(what, size, pointer, length);
  return new Uint8Array(memory.buffer, pointer, length);
}

function outOfBounds(what: string, size: number, pointer: number, length: number): GuestError {
  return new GuestError(
    "GUEST_OUT_OF_BOUNDS",
    `Cannot access ${what} as it must lie in memory of ${size} bytes: received ${length} bytes at ${pointer}`,
  );
}
