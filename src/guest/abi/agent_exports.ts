/**
 * What modules of the `agent` ABIs must export: the functions that this host calls, each with its type.
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import { ModuleError } from "../../errors.ts";
import { escapeText, listed, MAX_NAME_SHOWN, quoted } from "../../escape.ts";
import type { Phase } from "../../phase.ts";
import type { ExternType, ModuleInfo } from "../../wasm/mod.ts";
import { formatType } from "../../wasm/terms.ts";
import { isMemoryImport } from "../imports/mod.ts";
import { lookalike } from "../lookalike.ts";
import type { GuestAbi, UnknownHandler } from "./abi.ts";

/** Phase to the export that handles it: the only place that knows these names. */
export const HANDLER_OF: ReadonlyMap<Phase, string> = new Map([
  ["request_headers", "on_request_headers"],
  ["response_headers", "on_response_headers"],
]);
const HANDLERS: readonly string[] = [...HANDLER_OF.values()];

/** Type of a function that gets JSON and answers with JSON. */
export const HANDLER_TYPE = "(i32, i32) -> i64";
const MEMORY = "memory";

/** Functions that every version calls, and their types. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["alloc", "(i32) -> i32"],
  ["dealloc", "(i32, i32) -> ()"],
  ["_initialize", "() -> ()"],
  ...HANDLERS.map((handler): [string, string] => [handler, HANDLER_TYPE]),
]);
const REQUIRED: readonly string[] = ["alloc", "dealloc"];

/** A name that begins like a handler's, in any spelling. */
const LIKE_HANDLER = /^[Oo][Nn](?:[_-]|[A-Z])/;

/** What an ABI says of exports. */
export type ExportRules = Pick<GuestAbi, "usesExport" | "inspect" | "unknownHandlers">;

/** The rules of a version that calls `added` besides what all call, by name and type. */
export function exportRules(added: readonly (readonly [name: string, type: string])[] = []): ExportRules {
  const types = new Map([...TYPES, ...added]);
  const usesExport = (name: string) => types.has(name) || name === MEMORY;
  return {
    usesExport,
    inspect: (info, name) => checkExports(info, name, types),
    unknownHandlers: (info) => unknownHandlers(info, usesExport),
  };
}

/**
 * Phases that a module handles, once all it must export is there with the right type.
 *
 * @throws {ModuleError} `MODULE_BAD_EXPORTS`, naming every export that is missing or wrong.
 */
function checkExports(info: ModuleInfo, name: string, types: ReadonlyMap<string, string>): readonly Phase[] {
  const exports = new Map(info.exports.map((entry) => [entry.name, entry.type]));
  const faults: string[] = [];
  const memory = exports.get(MEMORY) ?? info.imports.find(isMemoryImport)?.type;
  if (memory?.kind !== "memory") faults.push(fault(MEMORY, "memory", memory));
  else if (memory.index64) faults.push(`"memory" must be 32-bit: received a 64-bit one`);
  for (const [wanted, type] of types) {
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
function unknownHandlers(info: ModuleInfo, usesExport: (name: string) => boolean): readonly UnknownHandler[] {
  return info.exports
    .filter(({ name, type }) => type.kind === "function" && LIKE_HANDLER.test(name) && !usesExport(name))
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
