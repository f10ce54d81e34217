/**
 * Function types, which V8 never forgets, counted over the life of the process.
 *
 * @module
 */

import { ModuleFault } from "./fault.ts";
import type { Declarations } from "./declarations.ts";

/**
 * Most different types, and bytes that they take in their modules, in the life of the process. V8 keeps each type that it
 * has ever seen, 360 bytes for one with 11 parameters, and ends the process at a million (kMaxCanonicalTypes in its
 * canonical-types.h). The largest real module has at most 25,000 types, in 76 KB.
 */
const MAX_TYPES = 400_000;
const MAX_BYTES = 32 * 1024 * 1024;

const FUNCTION = 0x60;
const REFERENCES: readonly number[] = [0x63, 0x64];

/** What a budget knows, to be handed to the one of another thread. Survives structured clone. */
export interface SeenTypes {
  /** Of the hashes. */
  readonly seed: Uint32Array;
  /** Hashes of the types. */
  readonly hashes: Float64Array;
  /** How many they are. */
  readonly types: number;
  /** How many they take in their modules. */
  readonly bytes: number;
}

/** Types that V8 has seen, counted for one process. */
export class TypeBudget {
  #seen = new Set<number>();
  #seed = crypto.getRandomValues(new Uint32Array(2));
  readonly #maxTypes: number;
  readonly #maxBytes: number;
  #types = 0;
  #bytes = 0;

  constructor(maxTypes: number = MAX_TYPES, maxBytes: number = MAX_BYTES) {
    this.#maxTypes = maxTypes;
    this.#maxBytes = maxBytes;
  }

  /** All that is known. */
  get seen(): SeenTypes {
    return { seed: this.#seed, hashes: Float64Array.from(this.#seen), types: this.#types, bytes: this.#bytes };
  }

  /** Knows from now on what another budget knew, and nothing else. */
  set seen({ seed, hashes, types, bytes }: SeenTypes) {
    this.#seed = Uint32Array.from(seed);
    this.#seen = new Set(hashes);
    this.#types = types;
    this.#bytes = bytes;
  }

  /**
   * Takes note of a module's types, which V8 is about to see. A type that it has seen before costs nothing, so a module
   * that is loaded again and again is counted once.
   *
   * @throws {ModuleError} `MODULE_TOO_MANY_TYPES`
   */
  take({ bytes, typeEntries }: Declarations): void {
    const before = new Hash(this.#seed);
    for (const { start, end, members } of typeEntries) {
      for (let at = start; at < end; at++) before.add(bytes[at] ?? 0);
      // A type that names no other is the same wherever it stands; one that does depends on all that stand before it.
      const key = namesNoType(bytes, start, end) ? hashOf(this.#seed, bytes, start, end) : before.value;
      if (this.#seen.has(key)) continue;
      this.#types += members;
      this.#bytes += end - start;
      if (this.#types > this.#maxTypes) throw spent(`${this.#maxTypes} different ones`, `${this.#types} or more`);
      if (this.#bytes > this.#maxBytes) throw spent(`${this.#maxBytes} bytes`, `${this.#bytes} or more`);
      this.#seen.add(key);
    }
  }
}

/** Of this process, whose table of types is one for all threads: whichever thread compiles takes over what the one before knew. */
export const typeBudget: TypeBudget = new TypeBudget();

/** What this thread knows of V8's types. */
export function seenTypes(): SeenTypes {
  return typeBudget.seen;
}

/** Has this thread know what another one does, and nothing else. */
export function takeOverTypes(seen: SeenTypes): void {
  typeBudget.seen = seen;
}

function spent(must: string, received: string): ModuleFault {
  return new ModuleFault(
    "MODULE_TOO_MANY_TYPES",
    `the types of all modules since the start of the process must be at most ${must} (V8 never frees them)`,
    `${received}. Restart the agent to load it`,
  );
}

function namesNoType(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== FUNCTION) return false;
  for (let at = start + 1; at < end; at++) if (REFERENCES.includes(bytes[at] ?? 0)) return false;
  return true;
}

function hashOf(seed: Uint32Array, bytes: Uint8Array, start: number, end: number): number {
  const hash = new Hash(seed);
  for (let at = start; at < end; at++) hash.add(bytes[at] ?? 0);
  return hash.value;
}

/** 53 bits over bytes, from a seed that no module knows: two of 400,000 types are alike once in 100,000 processes. */
class Hash {
  #low: number;
  #high: number;

  constructor([low = 0, high = 0]: Uint32Array) {
    this.#low = low;
    this.#high = high;
  }

  add(byte: number): void {
    this.#low = Math.imul(this.#low ^ byte, 2654435761);
    this.#high = Math.imul(this.#high ^ byte, 1597334677);
    this.#low ^= this.#high >>> 15;
    this.#high ^= this.#low >>> 13;
  }

  get value(): number {
    return (this.#high & 0x1f_ffff) * 2 ** 32 + (this.#low >>> 0);
  }
}
