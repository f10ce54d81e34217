import { quoted } from "../escape.ts";
import { type CostLimits, DEFAULT_COST_LIMITS } from "./body_limits.ts";
import { boundMemories, boundTables } from "./bounds.ts";
import { BulkHelpers } from "./bulk_helpers.ts";
import { DEFAULT_PIECES, type Pieces } from "./bulk_operation.ts";
import { encodeProbe } from "./probe.ts";
import { writeCodeSection } from "./code_writer.ts";
import { ModuleFault, nameFaults } from "./fault.ts";
import { checkNoGc } from "./gc.ts";
import { describeDeclarations, type ModuleInfo } from "./inspect.ts";
import { Declarations } from "./declarations.ts";
import { writeModule } from "./rewrite.ts";
import { SectionId } from "./sections/list.ts";
import type { MemoryType } from "./types.ts";
import { checkValid } from "./validity.ts";
import { Writer } from "./writer.ts";

/** Name of the exported epoch memory: its first i32 is 0 while a call may run, anything else ends it by a trap. */
export const EPOCH_EXPORT = "sentinel:epoch";

/** Name of an exported function `() -> ()` that traps: host imports end a call by it, as no guest can catch a trap. */
export const TRAP_EXPORT = "sentinel:trap";

/**
 * Name under which the start function, if there is one, is exported. The host calls it right after the instantiation:
 * only then can it reach the epoch word, so only then does the function run under a deadline.
 */
export const START_EXPORT = "sentinel:start";

/** All reserved names begin with it. */
const RESERVED_PREFIX = "sentinel:";

/**
 * Name under which the module's own memory of this number, counted from 0 without the imported ones, is exported: the
 * host counts what all memories of an instance take.
 */
export function memoryExport(number: number): string {
  return `${RESERVED_PREFIX}memory:${number}`;
}

/** What a module is held to, and what it is called. */
export interface InstrumentOptions extends Partial<CostLimits> {
  /** Name of its file, which every refusal tells. */
  readonly name?: string;
  /** Pages of 64 KiB that all of the module's memories may have together, imported ones included. */
  readonly maxMemoryPages: number;
  /** Entries that all of the module's own tables may have together. */
  readonly maxTableEntries: number;
  /** Accept a module that allocates on V8's garbage-collected heap, which no limit here bounds. */
  readonly allowGc: boolean;
  /** What a bulk instruction does at once; {@linkcode DEFAULT_PIECES} unless a test wants many pieces of little work. */
  readonly pieces?: Pieces;
  /** Tells which of the module's exports the host needs; all if it is left out. Each instance takes memory for each. */
  readonly keepsExport?: (name: string) => boolean;
}

/** A module ready to run under a deadline. */
export interface Instrumented {
  /** The rewritten module, a view on a buffer that may be larger. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The original module: without the reserved exports, its maxima as declared. */
  readonly info: ModuleInfo;
  /** Memories that the module imports, in the order of the imports, with the maxima that they may have. */
  readonly importedMemories: readonly MemoryType[];
}

/**
 * Rewrites a module so that a host can end any call into it and bound what it takes.
 *
 * Each loop, each function that is not a short leaf and each bulk operation first looks at the epoch word, a load from
 * a shared memory that the rewrite appends, and a large bulk operation does so again between pieces of it; the maxima of
 * the module's own memories and tables are lowered to the options, and those of imported memories are told to the host,
 * which makes these. Imported tables stay as they are. The start function becomes an export, and so does each memory. No
 * index changes; custom sections are dropped.
 *
 * @throws {ModuleError} with the module's name: `MODULE_NOT_WASM`, `MODULE_MALFORMED` or `MODULE_INVALID` for what is no valid module,
 * `MODULE_UNKNOWN_OPCODE` for an instruction beyond WebAssembly 3.0, `MODULE_USES_THREADS`, `MODULE_USES_GC`,
 * `MODULE_MEMORY_TOO_LARGE`, `MODULE_TABLE_TOO_LARGE`, `MODULE_TOO_MANY_TYPES`, `MODULE_FUNCTION_TOO_LARGE` or `MODULE_TOO_LARGE` for what
 * is over a limit, `MODULE_RESERVED_EXPORT` for a module that has one of the reserved names itself.
 */
export function instrumentModule(bytes: Uint8Array<ArrayBuffer>, options: InstrumentOptions): Instrumented {
  return nameFaults(options.name, () => instrument(bytes, options));
}

/** What is refused before V8 is asked whether the module is valid; other faults of an invalid one are V8's to name. */
const TOO_LARGE: ReadonlySet<string> = new Set(["MODULE_FUNCTION_TOO_LARGE", "MODULE_TOO_LARGE"]);

function instrument(bytes: Uint8Array<ArrayBuffer>, options: InstrumentOptions): Instrumented {
  const declarations = new Declarations(bytes);
  try {
    const instrumented = rewrite(declarations, options);
    checkValid(declarations);
    return instrumented;
  } catch (error) {
    // What is too much to compile can be too much to validate: each branch to a label with 1,000 results is 1,000 steps.
    if (!(error instanceof ModuleFault) || !TOO_LARGE.has(error.code)) checkValid(declarations);
    throw error;
  }
}

function rewrite(declarations: Declarations, options: InstrumentOptions): Instrumented {
  checkExportNames(declarations);
  const bounded = boundMemories(declarations, options.maxMemoryPages);
  const tables = boundTables(declarations, options.maxTableEntries);
  const limits = { ...DEFAULT_COST_LIMITS, ...options };
  const probe = encodeProbe(declarations.memories.length);
  const bulk = new BulkHelpers(declarations, tables, probe, options.pieces ?? DEFAULT_PIECES);
  const section = declarations.sections.find(({ id }) => id === SectionId.code);
  const codeBytes = section ? section.end - section.start : 0;
  // Before the rest, as only the code tells which functions are to be appended.
  const code = new Writer(codeBytes * 5 / 4 + 1024 | 0);
  const { allocatesAt } = writeCodeSection(code, declarations, section, probe, limits, bulk);
  const kept = declarations.sections.reduce(
    (sum, { id, offset, end }) => id === SectionId.custom ? sum : sum + end - offset,
    0,
  );
  const writer = new Writer(kept - codeBytes + code.length + 1024);
  const ownFrom = declarations.memories.length - declarations.ownMemories.length;
  writeModule(writer, declarations, {
    memories: bounded.slice(ownFrom),
    tables,
    epochExport: EPOCH_EXPORT,
    trapExport: TRAP_EXPORT,
    startExport: START_EXPORT,
    bulk,
    code: code.finish(),
    memoryExport,
    keepsExport: options.keepsExport ?? (() => true),
  });
  if (!options.allowGc) checkNoGc(declarations, allocatesAt);
  return {
    bytes: writer.finish(),
    info: describeDeclarations(declarations),
    importedMemories: bounded.slice(0, ownFrom),
  };
}

function checkExportNames(declarations: Declarations): void {
  const reserved = declarations.exports.find(({ name }) => name.startsWith(RESERVED_PREFIX));
  if (reserved) {
    throw new ModuleFault(
      "MODULE_RESERVED_EXPORT",
      `no export's name may begin with "${RESERVED_PREFIX}"`,
      `an export ${quoted(reserved.name)}. Was it instrumented before?`,
    );
  }
}
