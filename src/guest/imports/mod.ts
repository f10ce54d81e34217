/**
 * Everything this host offers for import, and the link between a module's list and it.
 *
 * @module
 */

import { type CodeOf, ModuleError } from "../../errors.ts";
import { escapeText, listed, quoted } from "../../escape.ts";
import type { ExternType, FunctionType, ModuleInfo } from "../../wasm/mod.ts";
import { formatType } from "../../wasm/terms.ts";
import { lookalike } from "../lookalike.ts";
import type { LastWords, OutputSink } from "../output.ts";
import { ASSEMBLYSCRIPT_TYPES, assemblyScriptImports } from "./assemblyscript.ts";
import { CONSOLE_TYPES } from "./console.ts";
import { LIBC_TYPES, libcImports } from "./libc.ts";
import { endIfExpired } from "./pieces.ts";
import { SENTINEL, SENTINEL_TYPES, sentinelImports } from "./sentinel.ts";
import type { ImportTypes } from "./signature.ts";

export { importsConfiguration } from "./sentinel.ts";
export type { ImportTypes } from "./signature.ts";
import { WASI_MODULES, WASI_TYPES, wasiImports } from "./wasi.ts";
import { WASI_UNSTABLE, wasiUnstableImports } from "./wasi_unstable.ts";

/** What host functions may touch of the guest that calls them. */
export interface HostContext {
  /** The guest's memory; there is none before it has been instantiated. */
  memory(): WebAssembly.Memory;
  /** What the operator tells the module, as JSON. */
  readonly configuration: string;
  /** Takes a line that the guest has printed. */
  readonly output: OutputSink;
  /** Adds to a counter of the module's own; what cannot be counted is told of, and no fault of the call. */
  measure(name: Uint8Array, value: number): void;
  /** Keeps what may say why a call fails. */
  readonly lastWords: LastWords;
  /** True once the call is past its deadline: between two checks of the rewrite a guest can make many host calls. */
  expired(): boolean;
  /** Ends the guest call: notes why, then traps inside Wasm, which no guest can catch. */
  abort(code: CodeOf<"GuestError">, reason: string): never;
}

/** A host function, called with what Wasm hands over: i32 as number, i64 as bigint. */
export type HostFunction = (...values: never[]) => unknown;

const ENVIRONMENT = "env";
const MEMORY = "memory";

/** Import module to the types of what it offers. */
export type Provided = ReadonlyMap<string, ImportTypes>;

/** What every module may import, whatever ABI it speaks, besides the one memory, `env.memory`. */
const PROVIDED: Provided = new Map([
  [SENTINEL, SENTINEL_TYPES],
  [ENVIRONMENT, new Map([...ASSEMBLYSCRIPT_TYPES, ...CONSOLE_TYPES, ...LIBC_TYPES])],
  ...[...WASI_MODULES, WASI_UNSTABLE].map((module) => [module, WASI_TYPES] as const),
]);

/** Longest type in a message: a function may have 1,000 parameters. */
const MAX_TYPE_SHOWN = 120;

/** True for the one memory that the host provides. */
export function isMemoryImport({ module, name }: { readonly module: string; readonly name: string }): boolean {
  return module === ENVIRONMENT && name === MEMORY;
}

/** What a module imports, and what this host has there. */
export interface ImportFit {
  /** Such as `env`. */
  readonly module: string;
  /** Such as `abort`; may be empty, as may `module`. */
  readonly name: string;
  /** `function (i32) -> i32`, `memory`: what the module wants. */
  readonly wanted: string;
  /** What the host has under this name, in the same words; undefined if it has nothing. */
  readonly offered: string | undefined;
  /** True if the one is the other. */
  readonly fits: boolean;
}

/** What a module imports, in its order, each next to what this host has. */
export function importFits(info: ModuleInfo, ofAbi: Provided): readonly ImportFit[] {
  const all = new Map([...PROVIDED, ...ofAbi]);
  return info.imports.map((entry) => {
    const { module, name, type } = entry;
    const offered = offeredType(entry, all);
    const wanted = wantedType(type);
    return {
      module,
      name,
      wanted: type.kind === "function" ? `function ${wanted}` : wanted,
      offered,
      fits: offered === wanted,
    };
  });
}

/**
 * Refuses a module that wants what this host does not offer.
 *
 * @param name What the module is called in messages.
 * @throws {ModuleError} `MODULE_BAD_IMPORTS`, naming what is missing in one message.
 */
export function checkImports(info: ModuleInfo, name: string, ofAbi: Provided): void {
  const all = new Map([...PROVIDED, ...ofAbi]);
  const missing = new Set<string>();
  for (const { module, name: imported, wanted, offered, fits } of importFits(info, ofAbi)) {
    if (fits) continue;
    const label = `${quoted(`${module}.${imported}`)} (${escapeText(wanted, MAX_TYPE_SHOWN)})`;
    missing.add(offered === undefined ? label : `${label}, here ${offered}`);
  }
  if (info.imports.filter(isMemoryImport).length > 1) missing.add(`"${ENVIRONMENT}.${MEMORY}" twice`);
  if (missing.size === 0) return;
  const provided = [...all].map(([module, names]) => {
    const shown = module === ENVIRONMENT ? [...names.keys(), MEMORY] : module === SENTINEL ? [...names.keys()] : [];
    return shown.length === 0 ? `"${module}"` : `"${module}" (${shown.join(", ")})`;
  });
  throw new ModuleError(
    "MODULE_BAD_IMPORTS",
    `Cannot use module ${quoted(name)} as all its imports must be provided by this host: received ${
      listed([...missing], "; ")
    }: this host provides ${provided.join(", ")}${lookalike(info)}`,
  );
}

/** What the host has under this name, in the words of {@linkcode wantedType}. */
function offeredType(entry: { readonly module: string; readonly name: string }, all: Provided): string | undefined {
  if (isMemoryImport(entry)) return MEMORY;
  const type = all.get(entry.module)?.get(entry.name);
  return type && formatType(type);
}

/** A function's signature, or the kind of anything else. */
function wantedType(type: ExternType): string {
  if (type.kind === "function") return formatType(type);
  return type.kind === "memory" && type.index64 ? "64-bit memory" : type.kind;
}

/**
 * Import object with all that `imported` lists, each function unable to throw into the guest.
 *
 * @param memory For a module that imports its memory.
 * @param abi What the module's ABI offers, and `bound` the functions that are it.
 */
export function createImports(
  imported: readonly WebAssembly.ModuleImportDescriptor[],
  memory: WebAssembly.Memory | undefined,
  context: HostContext,
  abi: { readonly provides: Provided },
  bound: { readonly imports: ReadonlyMap<string, Readonly<Record<string, HostFunction>>> },
): WebAssembly.Imports {
  const hosts = hostFunctions(imported, context);
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
  for (const entry of imported) {
    const { module, name } = entry;
    const values = imports[module] ??= Object.create(null);
    // The same import may stand there many times.
    if (name in values) continue;
    if (isMemoryImport(entry) && memory !== undefined) {
      values[name] = memory;
      continue;
    }
    const host = bound.imports.get(module)?.[name] ?? hosts.get(module)?.[name];
    const type = abi.provides.get(module)?.get(name) ?? PROVIDED.get(module)?.get(name);
    if (host !== undefined && type !== undefined) values[name] = guarded(`${module}.${name}`, type, host, context);
  }
  return imports;
}

/** Functions by import module: those of WASI only if it is imported, because they take longer to make. */
function hostFunctions(
  imported: readonly WebAssembly.ModuleImportDescriptor[],
  context: HostContext,
): ReadonlyMap<string, Readonly<Record<string, HostFunction>>> {
  const modules = new Set(imported.map(({ module }) => module));
  const hosts = new Map<string, Readonly<Record<string, HostFunction>>>();
  if (modules.has(SENTINEL)) hosts.set(SENTINEL, sentinelImports(context));
  if (modules.has(ENVIRONMENT)) hosts.set(ENVIRONMENT, { ...assemblyScriptImports(context), ...libcImports() });
  if (![...WASI_MODULES, WASI_UNSTABLE].some((module) => modules.has(module))) return hosts;
  const preview1 = wasiImports(context);
  for (const module of WASI_MODULES) hosts.set(module, preview1);
  hosts.set(WASI_UNSTABLE, wasiUnstableImports(preview1, context));
  return hosts;
}

/**
 * An i32 arrives signed, and most are pointers, so it is passed on unsigned. What the function throws ends the call by a
 * trap, because the guest's `catch_all` would catch an exception.
 */
function guarded(
  label: string,
  { params }: FunctionType,
  host: HostFunction,
  context: HostContext,
): (...values: (number | bigint)[]) => unknown {
  const unsigned = (value: number | bigint, index: number) =>
    typeof value === "number" && params[index] === "i32" ? value >>> 0 : value;
  const call: (...values: never[]) => unknown = host;
  return (...values) => {
    try {
      endIfExpired(context);
      return Reflect.apply(call, undefined, values.map(unsigned));
    } catch (cause) {
      if (cause instanceof WebAssembly.RuntimeError) throw cause;
      return context.abort(
        "GUEST_BAD_HOST_CALL",
        `${label}: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  };
}
