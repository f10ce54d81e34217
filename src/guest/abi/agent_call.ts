/**
 * How a module of the `agent` ABIs is called, which is the same in all versions: JSON in and out through its own memory.
 *
 * @module
 */

import { GuestError } from "../../errors.ts";
import type { Phase } from "../../phase.ts";
import type { Instance, WasmFunction } from "../instance.ts";
import type { BoundAbi } from "./abi.ts";
import { HANDLER_OF } from "./agent_exports.ts";

const SELF_CHECK_BYTES = 64;

/** Largest result taken, in bytes. */
export const MAX_RESULT_BYTES = 1024 * 1024;

const NOTHING = new Uint8Array();

const packedResult = new BigInt64Array(1);
const resultHalves = new Uint32Array(packedResult.buffer);

/**
 * Halves of a handler's result, both from 0 to 2^32 - 1.
 *
 * Through a typed array, because arithmetic on bigints allocates; Deno runs on little-endian machines only.
 */
export function unpackResult(packed: bigint): { readonly pointer: number; readonly length: number } {
  packedResult[0] = packed;
  return { pointer: resultHalves[1] ?? 0, length: resultHalves[0] ?? 0 };
}

/** The sequence of a call: `alloc`, input, handler, answer, `dealloc` of both. */
export class BoundAgent implements BoundAbi {
  readonly imports = new Map();
  readonly #handlers = new Map<Phase, { readonly name: string; readonly run: WasmFunction }>();
  #instance: Instance | undefined;
  #alloc: WasmFunction = notStarted;
  #dealloc: WasmFunction = notStarted;
  /** Of the call whose answer is being taken. */
  #inputAt = 0;
  #inputBytes = 0;
  #resultAt = 0;
  #resultBytes = 0;

  start(instance: Instance): void {
    this.#instance = instance;
    this.#alloc = instance.function("alloc");
    this.#dealloc = instance.function("dealloc");
    for (const [phase, name] of HANDLER_OF) {
      if (instance.has(name)) this.#handlers.set(phase, { name, run: instance.function(name) });
    }
    this.#dealloc(this.#allocate(instance, SELF_CHECK_BYTES) | 0, SELF_CHECK_BYTES);
  }

  ask(phase: Phase, input: Uint8Array): Uint8Array {
    const handler = this.#handlers.get(phase);
    if (handler === undefined) return notStarted();
    return this.exchange(handler.run, handler.name, input, 1);
  }

  /**
   * Calls a function with JSON and returns the JSON that it answers, both held until {@linkcode BoundAgent.release}.
   *
   * @param name What it is called in messages.
   * @param shortest Fewest bytes that it may answer with.
   */
  protected exchange(run: WasmFunction, name: string, input: Uint8Array, shortest: 0 | 1): Uint8Array {
    const instance = this.#instance;
    if (instance === undefined) return notStarted();
    const inputAt = this.#inputAt = this.#allocate(instance, input.length);
    this.#inputBytes = input.length;
    instance.memory.write(inputAt, input, "memory from alloc");
    const packed = run(inputAt, input.length);
    if (typeof packed !== "bigint") {
      throw new GuestError(
        "GUEST_BAD_RESULT",
        `Cannot use result of "${name}" as it must be an i64: received ${typeof packed}`,
      );
    }
    const { pointer, length } = unpackResult(packed);
    if (length < shortest || length > MAX_RESULT_BYTES) {
      throw new GuestError(
        "GUEST_BAD_RESULT",
        `Cannot use result of "${name}" as its length must be ${shortest} to ${MAX_RESULT_BYTES} bytes: received ${length}`,
      );
    }
    this.#resultAt = pointer;
    this.#resultBytes = length;
    // Nothing lies anywhere.
    return length === 0 ? NOTHING : instance.memory.view(pointer, length, "result");
  }

  release(): void {
    const resultAt = this.#resultAt;
    // Some guests answer with a pointer into the input: one block, given back once.
    const ofInput = resultAt >= this.#inputAt && resultAt < this.#inputAt + this.#inputBytes;
    if (!ofInput && this.#resultBytes > 0) this.#dealloc(resultAt | 0, this.#resultBytes);
    this.#dealloc(this.#inputAt | 0, this.#inputBytes);
  }

  #allocate(instance: Instance, size: number): number {
    const pointer = Number(this.#alloc(size)) >>> 0;
    if (pointer === 0) {
      throw new GuestError(
        "GUEST_ALLOC_FAILED",
        `Cannot pass ${size} bytes as "alloc" must answer with a pointer: received 0 (memory is ${instance.memoryBytes} bytes, at` +
          ` most ${instance.maxMemoryMiB} MiB by --max-memory)`,
      );
    }
    return pointer;
  }
}

function notStarted(): never {
  throw new TypeError("Cannot call guest as its ABI must be started and handle the phase: received neither");
}
