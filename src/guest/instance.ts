/**
 * One instance of a module: its exports and memories, whatever ABI it speaks.
 *
 * @module
 */

import { GuestError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { EPOCH_EXPORT, memoryExport, START_EXPORT, TRAP_EXPORT } from "../wasm/terms.ts";
import { GuestMemory } from "./memory.ts";
import type { GuestModule } from "./module.ts";

/** An exported function, called with i32 and f64 as numbers, i64 as bigint. */
export type WasmFunction = (...values: (number | bigint)[]) => unknown;

/** Exports and memories. Nothing of it looks at deadlines: that is the guest's part. */
export class Instance {
  readonly #exports: WebAssembly.Exports;
  /** The one in which host and guest exchange bytes. */
  readonly memory: GuestMemory;
  /** Memories besides the main one: nothing is exchanged in them, but they count. */
  readonly #others: readonly GuestMemory[];
  /** The word that the rewritten code looks at; anything but 0 ends the call. */
  readonly epoch: SharedArrayBuffer;
  /** Most that all memories may have, in MiB. */
  readonly maxMemoryMiB: number;

  /**
   * Instantiates; nothing of the module runs yet, because its start function has become an export.
   *
   * @param imported The memory that the module imports, if it does.
   * @throws what V8 throws if data or element segments do not fit, and `GUEST_NOT_INSTRUMENTED`.
   */
  constructor(module: GuestModule, imports: WebAssembly.Imports, imported: WebAssembly.Memory | undefined) {
    const { exports } = new WebAssembly.Instance(module.compiled, imports);
    const memory = exports.memory ?? imported;
    const epoch = exports[EPOCH_EXPORT];
    if (!(memory instanceof WebAssembly.Memory) || !(epoch instanceof WebAssembly.Memory)) {
      throw new GuestError(
        "GUEST_NOT_INSTRUMENTED",
        "Cannot start guest as its module must be instrumented: received a plain one",
      );
    }
    if (!(epoch.buffer instanceof SharedArrayBuffer)) {
      throw new GuestError(
        "GUEST_NOT_INSTRUMENTED",
        "Cannot start guest as its epoch memory must be shared: received another",
      );
    }
    const others = new Set([...imported === undefined ? [] : [imported], ...ownMemories(exports)]);
    others.delete(memory);
    this.#exports = exports;
    this.memory = new GuestMemory(memory);
    this.#others = Array.from(others, (each) => new GuestMemory(each));
    this.epoch = epoch.buffer;
    this.maxMemoryMiB = module.limits.maxMemoryMiB;
  }

  /** Size of all memories in bytes. */
  get memoryBytes(): number {
    const bytes = this.memory.bytes.length;
    return this.#others.length === 0 ? bytes : this.#others.reduce((sum, other) => sum + other.bytes.length, bytes);
  }

  /** True if there is an export of this name. */
  has(name: string): boolean {
    return name in this.#exports;
  }

  /** An exported function. @throws {GuestError} `GUEST_BAD_EXPORTS` if it is none. */
  function(name: string): WasmFunction {
    const value = this.#exports[name];
    if (isWasmFunction(value)) return value;
    throw new GuestError(
      "GUEST_BAD_EXPORTS",
      `Cannot start guest as "${name}" must be a function: received ${typeof value}`,
    );
  }

  /** Runs the start function and `_initialize`, each if there is one. */
  initialize(): void {
    for (const name of [START_EXPORT, "_initialize"]) if (this.has(name)) this.function(name)();
  }

  /** Traps inside Wasm, which no guest can catch: only to be called by a host function, while the guest runs. */
  trap(): void {
    this.function(TRAP_EXPORT)();
  }
}

/** The memory that a module imports. @throws {GuestError} `GUEST_NO_MEMORY` if the system has none to give. */
export function createMemory({ importedMemory, name }: GuestModule): WebAssembly.Memory | undefined {
  if (importedMemory === undefined) return undefined;
  try {
    return new WebAssembly.Memory(importedMemory);
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new GuestError(
      "GUEST_NO_MEMORY",
      `Cannot start guest as memory for ${quoted(name)} must be had: received "${received}"`,
      { cause },
    );
  }
}

function isWasmFunction(value: unknown): value is WasmFunction {
  return typeof value === "function";
}

/** All memories that the module defines, by the names that the rewrite has given them. */
function ownMemories(exports: WebAssembly.Exports): WebAssembly.Memory[] {
  const memories: WebAssembly.Memory[] = [];
  for (;;) {
    const memory = exports[memoryExport(memories.length)];
    if (!(memory instanceof WebAssembly.Memory)) return memories;
    memories.push(memory);
  }
}
