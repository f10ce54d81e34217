/**
 * Custom sections: names and producers, for messages only.
 *
 * @module
 */

import { ModuleError } from "../../errors.ts";
import { Reader } from "../reader.ts";
import type { Section } from "./list.ts";

const MODULE_NAME = 0;
const FUNCTION_NAMES = 1;

/** Reads what a custom section says; a broken one says nothing, because its contents never make a module invalid. */
function lenient<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ModuleError) return undefined;
    throw error;
  }
}

function nameSubsection(bytes: Uint8Array, section: Section, wanted: number): Reader | undefined {
  const reader = new Reader(bytes, "name section", section.start, section.end);
  while (reader.remaining > 0) {
    const id = reader.byte();
    const size = reader.count(1);
    if (id === wanted) return new Reader(bytes, "name section", reader.pos, reader.pos + size);
    reader.skip(size);
  }
  return undefined;
}

/**
 * The module's name from its name section.
 *
 * @see https://webassembly.github.io/spec/core/appendix/custom.html#binary-modulenamesec
 */
export function readModuleName(bytes: Uint8Array, section: Section): string | undefined {
  return lenient(() => nameSubsection(bytes, section, MODULE_NAME)?.name());
}

/**
 * The name of one function from the name section; walks all names before it, so it is meant for error messages.
 *
 * @see https://webassembly.github.io/spec/core/appendix/custom.html#binary-funcnamesec
 */
export function readFunctionName(bytes: Uint8Array, section: Section, functionIndex: number): string | undefined {
  return lenient(() => {
    const reader = nameSubsection(bytes, section, FUNCTION_NAMES);
    if (reader === undefined) return undefined;
    for (let count = reader.count(2); count > 0; count--) {
      const index = reader.u32();
      const name = reader.name();
      if (index === functionIndex) return name;
    }
    return undefined;
  });
}

/** Names of functions in the order of their indices, for those who go through all functions. Entries out of order are left out. */
export class FunctionNames {
  readonly #reader: Reader | undefined;
  #left = 0;
  /** The entry that was read last. */
  #index = -1;
  #name: Uint8Array = new Uint8Array();

  constructor(bytes: Uint8Array, section: Section) {
    this.#reader = lenient(() => nameSubsection(bytes, section, FUNCTION_NAMES));
    this.#left = lenient(() => this.#reader?.count(2)) ?? 0;
  }

  /** Bytes of the name of this function, which comes after all that were asked for before; undefined if it has none. */
  of(functionIndex: number): Uint8Array | undefined {
    while (this.#index < functionIndex && this.#left > 0) if (!lenient(() => this.#next())) this.#left = 0;
    return this.#index === functionIndex ? this.#name : undefined;
  }

  #next(): boolean {
    const reader = this.#reader;
    if (reader === undefined) return false;
    const index = reader.u32();
    const length = reader.count(1);
    reader.skip(length);
    this.#left--;
    if (index <= this.#index) return true;
    this.#index = index;
    this.#name = reader.bytes.subarray(reader.pos - length, reader.pos);
    return true;
  }
}

/**
 * The producers section for humans: `language C11`, `processed-by clang 14.0.6`; empty if it cannot be read.
 *
 * @see https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md
 */
export function readProducers(bytes: Uint8Array, section: Section): readonly string[] {
  return lenient(() => {
    const reader = new Reader(bytes, "producers section", section.start, section.end);
    const producers: string[] = [];
    for (let fields = reader.count(2); fields > 0; fields--) {
      const field = reader.name();
      for (let values = reader.count(2); values > 0; values--) {
        producers.push(`${field} ${reader.name()} ${reader.name()}`.trimEnd());
      }
    }
    return producers;
  }) ?? [];
}
