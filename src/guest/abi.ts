/**
 * The contract between this host and a module: names, signatures, packed results.
 *
 * | export | signature | |
 * |---|---|---|
 * | `memory` | memory | required |
 * | `alloc` | (i32 size) -> i32 pointer, 0 for failure | required |
 * | `dealloc` | (i32 pointer, i32 size) -> () | required |
 * | `on_request_headers` | (i32 pointer, i32 length) -> i64 | one of the handlers is required |
 * | `on_response_headers` | (i32 pointer, i32 length) -> i64 | |
 *
 * Handlers take JSON and answer `(pointer << 32) | length` of JSON, both halves unsigned: `0x0000_1000_0000_0014` is 20 bytes at
 * 4096.
 *
 * @module
 */

import { ModuleError } from "../errors.ts";
import { type ExternType, formatType, type ModuleInfo } from "../wasm/mod.ts";

/** Handlers a module may export. */
export const HANDLERS = ["on_request_headers", "on_response_headers"] as const;

/** Name of a handler. */
export type Handler = typeof HANDLERS[number];

const HANDLER_TYPE = "(i32, i32) -> i64";
const REQUIRED_FUNCTIONS = [["alloc", "(i32) -> i32"], ["dealloc", "(i32, i32) -> ()"]] as const;

const packedResult = new BigInt64Array(1);
const resultHalves = new Uint32Array(packedResult.buffer);

/**
 * Halves of a handler's result, both from 0 to 2^32 - 1.
 *
 * Through a typed array, for arithmetic on bigints allocates; Deno runs on little-endian machines only.
 */
export function unpackResult(packed: bigint): { readonly pointer: number; readonly length: number } {
  packedResult[0] = packed;
  return { pointer: resultHalves[1] ?? 0, length: resultHalves[0] ?? 0 };
}

/**
 * Handlers that a module offers, once all it must export is there with the right type.
 *
 * @param name What the module is called in messages.
 * @throws {ModuleError} `MODULE_BAD_EXPORTS`, naming every export that is missing or wrong.
 */
export function checkExports(info: ModuleInfo, name: string): readonly Handler[] {
  const exports = new Map(info.exports.map((entry) => [entry.name, entry.type]));
  const faults: string[] = [];
  const memory = exports.get("memory");
  if (memory?.kind !== "memory") faults.push(fault("memory", "memory", memory));
  else if (memory.index64) faults.push(`"memory" must be 32-bit: received a 64-bit one`);
  for (const [required, type] of REQUIRED_FUNCTIONS) {
    const found = exports.get(required);
    if (!isFunctionOf(found, type)) faults.push(fault(required, type, found));
  }
  const handlers = HANDLERS.filter((handler) => exports.has(handler));
  for (const handler of handlers) {
    const found = exports.get(handler);
    if (!isFunctionOf(found, HANDLER_TYPE)) faults.push(fault(handler, HANDLER_TYPE, found));
  }
  if (handlers.length === 0) {
    faults.push(
      `at least one handler is required, ${HANDLERS.map((handler) => `"${handler}"`).join(" or ")}: ${HANDLER_TYPE}`,
    );
  }
  if (faults.length === 0) return handlers;
  const advice = exports.has("_start") && !exports.has("_initialize")
    ? ` (this is a command, made to run once: build a library instead, a WASI reactor: Rust crate-type "cdylib", Go` +
      ` -buildmode=c-shared, C -mexec-model=reactor)`
    : "";
  throw new ModuleError(
    "MODULE_BAD_EXPORTS",
    `Cannot use module "${name}" as its exports do not fit: ${faults.join("; ")}${advice}`,
  );
}

function isFunctionOf(type: ExternType | undefined, signature: string): boolean {
  return type?.kind === "function" && formatType(type) === signature;
}

function fault(name: string, expected: string, found: ExternType | undefined): string {
  return found === undefined
    ? `missing "${name}": ${expected}`
    : `"${name}" must be ${expected}: received ${formatType(found)}`;
}
