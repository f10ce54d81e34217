/**
 * The contract between this host and a module: names, signatures, packed results.
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
import { ModuleError } from "../errors.ts";
import { escapeText, listed, MAX_NAME_SHOWN, quoted } from "../escape.ts";
import { type ExternType, formatType, type ModuleInfo } from "../wasm/mod.ts";
import { isMemoryImport } from "./imports/mod.ts";
import { lookalike } from "./lookalike.ts";

/** Handlers a module may export. */
export const HANDLERS = ["on_request_headers", "on_response_headers"] as const;

/** Name of a handler. */
export type Handler = typeof HANDLERS[number];

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

/** True for an export that this host uses; it has no use for any other. */
export function isUsedExport(name: string): boolean {
  return TYPES.has(name) || name === MEMORY;
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
  const memory = exports.get(MEMORY) ?? info.imports.find(isMemoryImport)?.type;
  if (memory?.kind !== "memory") faults.push(fault(MEMORY, "memory", memory));
  else if (memory.index64) faults.push(`"memory" must be 32-bit: received a 64-bit one`);
  for (const [wanted, type] of TYPES) {
    const found = exports.get(wanted);
    if (isFunctionOf(found, type) || found === undefined && !REQUIRED.includes(wanted)) continue;
    faults.push(fault(wanted, type, found));
  }
  const handlers = HANDLERS.filter((handler) => exports.has(handler));
  if (handlers.length === 0) {
    faults.push(
      `at least one handler is required, ${HANDLERS.map((handler) => `"${handler}"`).join(" or ")}: ${HANDLER_TYPE}` +
        `; exported are ${listed(namesNearHandlers(info))}`,
    );
  }
  if (faults.length === 0) return handlers;
  throw new ModuleError(
    "MODULE_BAD_EXPORTS",
    `Cannot use module ${quoted(name)} as its exports must be what this host calls: received ${faults.join("; ")}` +
      lookalike(info),
  );
}

/** An export that looks like a handler and is none: nobody will ever call it. */
export interface UnknownHandler {
  /** Escaped and cut. */
  readonly name: string;
  /** The name that its author may have meant. */
  readonly nearest: Handler;
}

/** Most of them that are told; more than that is no slip of the pen. */
const MAX_UNKNOWN_HANDLERS = 10;

/** Functions that a module exports under names like those of handlers, such as `on_request_header`. */
export function unknownHandlers(info: ModuleInfo): readonly UnknownHandler[] {
  return info.exports
    .filter(({ name, type }) => type.kind === "function" && LIKE_HANDLER.test(name) && !isUsedExport(name))
    .slice(0, MAX_UNKNOWN_HANDLERS)
    .map(({ name }) => ({ name: escapeText(name, MAX_NAME_SHOWN), nearest: nearestHandler(name) }));
}

function nearestHandler(name: string): Handler {
  // In the form of the names here: onRequestHeaders is as near as on_request_header. A long name is near to none.
  const likened = name.slice(0, MAX_NAME_SHOWN).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .replace(/[-_]+/g, "_");
  const nearest = closestString(likened, HANDLERS);
  return HANDLERS.find((handler) => handler === nearest) ?? HANDLERS[0];
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
