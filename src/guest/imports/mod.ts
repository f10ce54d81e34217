/**
 * Everything this host offers for import, and the link between a module's list and it.
 *
 * @module
 */

import { ModuleError } from "../../errors.ts";
import { formatType, type ModuleInfo } from "../../wasm/mod.ts";
import type { OutputSink } from "../output.ts";
import { ASSEMBLYSCRIPT_TYPES, assemblyScriptImports } from "./assemblyscript.ts";
import { WASI_MODULES, WASI_TYPES, wasiImports } from "./wasi.ts";

/** What host functions may touch of the guest that calls them. */
export interface HostContext {
  /** The guest's memory; there is none before it has been instantiated. */
  memory(): WebAssembly.Memory;
  readonly output: OutputSink;
  /** True once the call is past its deadline: between two checks of the rewrite a guest can make many host calls. */
  expired(): boolean;
  /** Ends the guest call: notes why, then traps inside Wasm, which no guest can catch. */
  abort(code: string, reason: string): never;
}

/** A host function, called with what Wasm hands over: i32 as number, i64 as bigint. */
export type HostFunction = (...values: never[]) => unknown;

/** Import module name to import name to the function's type as {@linkcode formatType} writes it. */
const PROVIDED: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ["env", ASSEMBLYSCRIPT_TYPES],
  ...WASI_MODULES.map((module): [string, ReadonlyMap<string, string>] => [module, WASI_TYPES]),
]);

/**
 * Refuses a module that wants what this host does not offer.
 *
 * @param name What the module is called in messages.
 * @throws {ModuleError} `MODULE_BAD_IMPORTS`, naming all of it in one message.
 */
export function checkImports(info: ModuleInfo, name: string): void {
  const missing = new Set<string>();
  for (const { module, name: item, type } of info.imports) {
    const offered = PROVIDED.get(module)?.get(item);
    const wanted = type.kind === "function" ? formatType(type) : type.kind;
    if (offered === wanted) continue;
    const label = `"${module}.${item}" (${type.kind === "function" ? `function ${wanted}` : wanted})`;
    missing.add(offered === undefined ? label : `${label}, here ${offered}`);
  }
  if (missing.size === 0) return;
  const provided = `"env" (${[...ASSEMBLYSCRIPT_TYPES.keys()].join(", ")}) and "${WASI_MODULES[0]}"`;
  throw new ModuleError(
    "MODULE_BAD_IMPORTS",
    `Cannot use module "${name}" as all its imports must be provided by this host: received ${
      [...missing].join("; ")
    }` +
      `: this host provides ${provided}`,
  );
}

/** Import object with the functions that `imported` lists, each unable to throw into the guest. */
export function createImports(
  imported: readonly WebAssembly.ModuleImportDescriptor[],
  context: HostContext,
): WebAssembly.Imports {
  const wasi = imported.some((entry) => WASI_MODULES.includes(entry.module)) ? wasiImports(context) : {};
  const environment = assemblyScriptImports(context);
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
  for (const { module, name } of imported) {
    const host = (WASI_MODULES.includes(module) ? wasi : environment)[name];
    if (host === undefined) continue;
    const functions = imports[module] ??= Object.create(null);
    functions[name] = guarded(`${module}.${name}`, parametersOf(module, name), host, context);
  }
  return imports;
}

function parametersOf(module: string, name: string): readonly string[] {
  return /^\((.*?)\)/.exec(PROVIDED.get(module)?.get(name) ?? "")?.[1]?.split(", ") ?? [];
}

/** An i32 arrives signed, and most are pointers; what the function throws ends the call by a trap, for `catch_all` would catch an exception. */
function guarded(
  label: string,
  parameters: readonly string[],
  host: HostFunction,
  context: HostContext,
): (...values: (number | bigint)[]) => unknown {
  const unsigned = (value: number | bigint, index: number) =>
    typeof value === "number" && parameters[index] === "i32" ? value >>> 0 : value;
  const call: (...values: never[]) => unknown = host;
  return (...values) => {
    try {
      if (context.expired()) context.abort("GUEST_DEADLINE", "a host call after its deadline");
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
