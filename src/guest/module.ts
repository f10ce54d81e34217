/**
 * A module made ready to run: inspected, checked, instrumented, compiled.
 *
 * @module
 */

import { ModuleError } from "../errors.ts";
import { escapeText, quoted } from "../escape.ts";
import type { Phase } from "../phase.ts";
import type { CodeMap, Limits } from "../wasm/mod.ts";
import type { Dialect, GuestAbi, UnknownHandler } from "./abi/abi.ts";
import { abiOf, ABIS } from "./abi/mod.ts";
import { checkImports, importsConfiguration } from "./imports/mod.ts";
import { createRate, type RateWords } from "../rate_limit.ts";

/** Limits of one module; all of them hold for each instance alone. */
export interface ModuleLimits {
  /** For an event, from its arrival to the module's result. */
  readonly timeoutMs: number;
  /** For the start function, `_initialize` and the self-check of an instance. */
  readonly startTimeoutMs: number;
  /** For all memories together. */
  readonly maxMemoryMiB: number;
  /** For all tables together. */
  readonly maxTableEntries: number;
  /** Calls after which an instance is replaced; 0 for never. */
  readonly maxRequestsPerInstance: number;
  /** Takes a module that allocates garbage-collected objects, which no limit bounds. */
  readonly allowGc: boolean;
}

/** A module that can be instantiated, in this thread or another: every field survives structured clone. */
export interface GuestModule {
  /** File name, for messages. */
  readonly name: string;
  /** Size of the file in bytes. */
  readonly fileBytes: number;
  /** SHA-256 of the file in hexadecimal. */
  readonly sha256: string;
  /** Name of the ABI that it speaks. */
  readonly abi: string;
  /** The JSON of its events and answers. */
  readonly dialect: Dialect;
  /** What the operator tells it, as JSON. */
  readonly configuration: string;
  /** True if it is told, or asks. */
  readonly takesConfiguration: boolean;
  /** Those that it handles, at least one. */
  readonly phases: readonly Phase[];
  /** Of the compiled module; the host offers every one. */
  readonly imports: readonly WebAssembly.ModuleImportDescriptor[];
  /** What its memory must be, in pages, if it imports it. */
  readonly importedMemory?: { readonly initial: number; readonly maximum: number };
  /** Exports that look like handlers and are never called: worth a warning. */
  readonly unknownHandlers: readonly UnknownHandler[];
  /** Those on memories and tables are compiled in. */
  readonly limits: ModuleLimits;
  /** The rewritten module, not the one in the file. */
  readonly compiled: WebAssembly.Module;
  /** What was made of the file, and what that took. */
  readonly build: ModuleBuild;
  /** Leads from that one back to the file, and to the names of its functions. */
  readonly codeMap: CodeMap;
  /** How much is told of it: the same memory in all threads, so that no new instance or thread begins at nothing. */
  readonly rates: ModuleRates;
}

/** What was made of a module's file on its way to the one that runs. */
export interface ModuleBuild {
  /** Size of the rewritten module. */
  readonly rewrittenBytes: number;
  /** Deadline checks, and calls in place of bulk instructions. */
  readonly insertions: number;
  /** To read, check and rewrite it, in milliseconds. */
  readonly rewriteMs: number;
  /** V8's time to compile it, in milliseconds: of what it compiles at once. */
  readonly compileMs: number;
  /** All memories with the maxima that they have here, in pages, imported ones first. */
  readonly memories: readonly Limits[];
  /** The module's own tables, likewise, in entries. */
  readonly tables: readonly Limits[];
}

/** Counts of what the log is told of a module. */
export interface ModuleRates {
  /** Lines that it prints, but for those of level `debug`. */
  readonly printed: RateWords;
  /** The others: most often nobody reads them, and they must not crowd out an error. */
  readonly debug: RateWords;
  /** Calls that fail, instances that do not start. */
  readonly failures: RateWords;
  /** Failures whose place in the code is looked up. */
  readonly traces: RateWords;
}

/** Counts under which nothing has been told yet. */
export function createRates(): ModuleRates {
  return { printed: createRate(), debug: createRate(), failures: createRate(), traces: createRate() };
}

const PAGE_BYTES = 65536;

/** The configuration of a module that is told nothing. */
export const NO_CONFIGURATION = "{}";

/**
 * Makes the bytes of a `.wasm` file ready to run.
 *
 * @param configuration JSON for the module.
 * @throws {ModuleError} naming the module and what does not fit: `MODULE_NOT_WASM`, `MODULE_MALFORMED`, `MODULE_INVALID`,
 * `MODULE_BAD_EXPORTS`, `MODULE_BAD_IMPORTS`, `MODULE_NOT_COMPILED`, and those of `instrumentModule()`.
 */
export async function prepareModule(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  limits: ModuleLimits,
  abis: readonly GuestAbi[] = ABIS,
  configuration = NO_CONFIGURATION,
): Promise<GuestModule> {
  // Not with the rest of this folder, because threads only run what another one has prepared.
  const { instrumentModule } = await import("../wasm/mod.ts");
  const maxMemoryPages = limits.maxMemoryMiB * 1024 * 1024 / PAGE_BYTES;
  const begunAt = performance.now();
  const rewritten = instrumentModule(bytes, {
    name,
    keepsExport: (exported) => abis.some((abi) => abi.usesExport(exported)),
    maxMemoryPages,
    maxTableEntries: limits.maxTableEntries,
    allowGc: limits.allowGc,
  });
  const rewrittenAt = performance.now();
  const { bytes: instrumented, info, importedMemories, codeMap, insertions, memories, tables } = rewritten;
  const abi = abiOf(info, abis);
  checkImports(info, name, abi.provides);
  const phases = abi.inspect(info, name);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const rewrittenBytes = instrumented.length;
  const compilesAt = performance.now();
  const compiled = compile(instrumented, name);
  const compileMs = performance.now() - compilesAt;
  // V8 has made a copy, and would keep this one until it sees a reason to collect garbage.
  instrumented.buffer.transfer(0);
  const [memory] = importedMemories;
  return {
    name,
    fileBytes: bytes.length,
    sha256: digest.toHex(),
    abi: abi.name,
    dialect: abi.dialect,
    configuration,
    takesConfiguration: abi.takesConfiguration(info) || importsConfiguration(info),
    phases,
    imports: WebAssembly.Module.imports(compiled),
    importedMemory: memory && { initial: memory.min, maximum: memory.max ?? maxMemoryPages },
    unknownHandlers: abi.unknownHandlers(info),
    limits,
    compiled,
    build: { rewrittenBytes, insertions, rewriteMs: rewrittenAt - begunAt, compileMs, memories, tables },
    codeMap,
    rates: createRates(),
  };
}

/** V8 has taken the original, so what it says here is a limit of its own that the rewrite has met. */
function compile(bytes: Uint8Array<ArrayBuffer>, name: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new ModuleError(
      "MODULE_NOT_COMPILED",
      `Cannot use module ${quoted(name)} as V8 must compile it with deadline checks: received "${
        escapeText(received)
      }"`,
      { cause },
    );
  }
}
