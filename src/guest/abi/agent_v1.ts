/**
 * `agent/1`, the contract of this project: JSON in and out through the guest's own memory.
 *
 * | export | signature | |
 * |---|---|---|
 * | `memory` | memory | required, unless `env.memory` is imported |
 * | `alloc` | (i32 size) -> i32 pointer, 0 for failure | required |
 * | `dealloc` | (i32 pointer, i32 size) -> () | required |
 * | `on_request_headers` | (i32 pointer, i32 length) -> i64 | one of the handlers is required |
 * | `on_response_headers` | (i32 pointer, i32 length) -> i64 | |
 * | `_initialize` | () -> () | called once, before all else |
 *
 * Handlers take JSON and answer `(pointer << 32) | length` of JSON, both halves unsigned: `0x0000_1000_0000_0014` is 20 bytes at
 * 4096.
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import { GuestError, ModuleError } from "../../errors.ts";
import { escapeText, listed, MAX_NAME_SHOWN, quoted } from "../../escape.ts";
import type { Phase } from "../../phase.ts";
import { type ExternType, formatType, type ModuleInfo } from "../../wasm/mod.ts";
import { isMemoryImport } from "../imports/mod.ts";
import type { Instance, WasmFunction } from "../instance.ts";
import { lookalike } from "../lookalike.ts";
import type { BoundAbi, GuestAbi, UnknownHandler } from "./abi.ts";

/** Phase to the export that handles it: the only place that knows these names. */
const HANDLER_OF: ReadonlyMap<Phase, string> = new Map([
  ["request_headers", "on_request_headers"],
  ["response_headers", "on_response_headers"],
]);
const HANDLERS: readonly string[] = [...HANDLER_OF.values()];

const HANDLER_TYPE = "(i32, i32) -> i64";
const MEMORY = "memory";

/** Every function that is called, and its type. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["alloc", "(i32) -> i32"],
  ["dealloc", "(i32, i32) -> ()"],
  ["_initialize", "() -> ()"],
  ...HANDLERS.map((handler): [string, string] => [handler, HANDLER_TYPE]),
]);
const REQUIRED: readonly string[] = ["alloc", "dealloc"];

/** A name that begins like a handler's, in any spelling. */
const LIKE_HANDLER = /^[Oo][Nn](?:[_-]|[A-Z])/;

/** `agent/1`. */
export const AGENT_V1: GuestAbi = {
  name: "agent/1",
  provides: new Map(),
  usesExport: (name) => TYPES.has(name) || name === MEMORY,
  // What speaks nothing else is taken to mean this one: the message then says what it lacks.
  speaks: () => true,
  inspect: checkExports,
  unknownHandlers,
  bind: () => new BoundAgentV1(),
};

/**
 * Phases that a module handles, once all it must export is there with the right type.
 *
 * @throws {ModuleError} `MODULE_BAD_EXPORTS`, naming every export that is missing or wrong.
 */
function checkExports(info: ModuleInfo, name: string): readonly Phase[] {
  const exports = new Map(info.exports.map((entry) => [entry.name, entry.type]));
  const faults: string[] = [];
  const memory = exports.get(MEMORY) ?? info.imports.find(isMemoryImport)?.type;
  if (memory?.kind !== "memory") faults.push(fault(MEMORY, "memory", memory));
  else if (memory.index64) faults.push(`"memory" must be 32-bit: received a 64-bit one`);
  for (const [wanted, type] of TYPES) {
    const found = exports.get(wanted);
    if (isFunctionOf(found, type) || found === undefined && !REQUIRED.includes(wanted)) continue;
    faults.push(fault(wanted, type, found));
  }
  const handled = [...HANDLER_OF].filter(([, handler]) => exports.has(handler)).map(([phase]) => phase);
  if (handled.length === 0) {
    faults.push(
      `at least one handler is required, ${HANDLERS.map((handler) => `"${handler}"`).join(" or ")}: ${HANDLER_TYPE}` +
        `; exported are ${listed(namesNearHandlers(info))}`,
    );
  }
  if (faults.length === 0) return handled;
  throw new ModuleError(
    "MODULE_BAD_EXPORTS",
    `Cannot use module ${quoted(name)} as its exports must be what this host calls: received ${faults.join("; ")}` +
      lookalike(info),
  );
}

/** Most of them that are told; more than that is no slip of the pen. */
const MAX_UNKNOWN_HANDLERS = 10;

/** Functions that a module exports under names like those of handlers, such as `on_request_header`. */
function unknownHandlers(info: ModuleInfo): readonly UnknownHandler[] {
  return info.exports
    .filter(({ name, type }) => type.kind === "function" && LIKE_HANDLER.test(name) && !AGENT_V1.usesExport(name))
    .slice(0, MAX_UNKNOWN_HANDLERS)
    .map(({ name }) => ({ name: escapeText(name, MAX_NAME_SHOWN), nearest: nearestHandler(name) }));
}

function nearestHandler(name: string): string {
  // In the form of the names here: onRequestHeaders is as near as on_request_header. A long name is near to none.
  const likened = name.slice(0, MAX_NAME_SHOWN).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/[-_]+/g, "_");
  return closestString(likened, HANDLERS);
}

/** All exports by name, those like handlers first. */
function namesNearHandlers(info: ModuleInfo): string[] {
  const like = info.exports.filter(({ name }) => LIKE_HANDLER.test(name));
  const others = info.exports.filter(({ name }) => !LIKE_HANDLER.test(name));
  return [...like, ...others].map(({ name }) => quoted(name));
}

function isFunctionOf(type: ExternType | undefined, signature: string): boolean {
  return type?.kind === "function" && formatType(type) === signature;
}

/** A function may have 1,000 parameters. */
const MAX_TYPE_SHOWN = 120;

function fault(name: string, expected: string, found: ExternType | undefined): string {
  return found === undefined
    ? `missing "${name}": ${expected}`
    : `"${name}" must be ${expected}: received ${escapeText(formatType(found), MAX_TYPE_SHOWN)}`;
}

const SELF_CHECK_BYTES = 64;

/** Largest result taken, in bytes. */
export const MAX_RESULT_BYTES = 1024 * 1024;

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
class BoundAgentV1 implements BoundAbi {
  readonly imports = new Map();
  readonly #handlers = new Map<Phase, WasmFunction>();
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
    for (const [phase, handler] of HANDLER_OF) {
      if (instance.has(handler)) this.#handlers.set(phase, instance.function(handler));
    }
    this.#dealloc(this.#allocate(instance, SELF_CHECK_BYTES) | 0, SELF_CHECK_BYTES);
  }

  ask(phase: Phase, input: Uint8Array): Uint8Array {
    const instance = this.#instance;
    const handler = this.#handlers.get(phase);
    if (instance === undefined || handler === undefined) return notStarted();
    const inputAt = this.#inputAt = this.#allocate(instance, input.length);
    this.#inputBytes = input.length;
    instance.memory.write(inputAt, input, "memory from alloc");
    const packed = handler(inputAt, input.length);
    if (typeof packed !== "bigint") {
      throw new GuestError(
        "GUEST_BAD_RESULT",
        `Cannot use result of "${HANDLER_OF.get(phase)}" as it must be an i64: received ${typeof packed}`,
      );
    }
    const { pointer, length } = unpackResult(packed);
    if (length === 0 || length > MAX_RESULT_BYTES) {
      throw new GuestError(
        "GUEST_BAD_RESULT",
        `Cannot use result of "${
          HANDLER_OF.get(phase)
        }" as its length must be 1 to ${MAX_RESULT_BYTES} bytes: received ${length}`,
      );
    }
    this.#resultAt = pointer;
    this.#resultBytes = length;
    return instance.memory.view(pointer, length, "result");
  }

  release(): void {
    const resultAt = this.#resultAt;
    // Some guests answer with a pointer into the input: one block, given back once.
    const ofInput = resultAt >= this.#inputAt && resultAt < this.#inputAt + this.#inputBytes;
    if (!ofInput) this.#dealloc(resultAt | 0, this.#resultBytes);
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
