/**
 * The rewrite that makes a module interruptible and bounded: what is asked for, what comes of it, and its steps.
 *
 * @module
 */

import { type CostLimits, DEFAULT_COST_LIMITS } from "./body_limits.ts";
import { boundMemories, boundTables } from "./bounds.ts";
import { BulkHelpers } from "./bulk_helpers.ts";
import { DEFAULT_PIECES, type Pieces } from "./bulk_operation.ts";
import type { CodeMap } from "./code_map.ts";
import { CODE_HEADER_BYTES, writeCodeSection } from "./code_writer.ts";
import { Declarations } from "./declarations.ts";
import { ModuleFault, nameFaults } from "./fault.ts";
import { checkNoGc } from "./gc.ts";
import { describeDeclarations, type ModuleInfo } from "./inspect.ts";
import { encodeProbe } from "./probe.ts";
import { checkExportNames } from "./reserved_exports.ts";
import { writeModule } from "./rewrite.ts";
import { type Section, SectionId } from "./sections/list.ts";
import type { Limits, MemoryType } from "./types.ts";
import { checkValid } from "./validity.ts";
import { Writer } from "./writer.ts";

/** What a module is held to, and what it is called. */
export interface InstrumentOptions {
  /** Name of its file, which every refusal tells. */
  readonly name?: string;
  /** Pages of 64 KiB that all of the module's memories may have together, imported ones included. */
  readonly maxMemoryPages: number;
  /** Entries that all of the module's own tables may have together. */
  readonly maxTableEntries: number;
  /** Accept a module that allocates on V8's garbage-collected heap, which no limit here bounds. */
  readonly allowGc: boolean;
  /** Bounds of what V8's compilers may have to do; of what is left out {@linkcode DEFAULT_COST_LIMITS} holds. */
  readonly costs?: Partial<CostLimits>;
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
  /** All memories of the module with the maxima that they may have, imported ones first. */
  readonly memories: readonly MemoryType[];
  /** The module's own tables, likewise. */
  readonly tables: readonly Limits[];
  /** How many probes, and calls in place of bulk instructions, were put in. */
  readonly insertions: number;
  /** Leads from what runs back to the module's file. */
  readonly codeMap: CodeMap;
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
 * @throws {ModuleError} with the module's name: `MODULE_NOT_WASM`, `MODULE_MALFORMED` or `MODULE_INVALID` for what is no
 * valid module, `MODULE_UNKNOWN_OPCODE` for an instruction beyond WebAssembly 3.0, `MODULE_USES_THREADS`,
 * `MODULE_USES_GC`, `MODULE_MEMORY_TOO_LARGE`, `MODULE_TABLE_TOO_LARGE`, `MODULE_TOO_MANY_TYPES`,
 * `MODULE_FUNCTION_TOO_LARGE` or `MODULE_TOO_LARGE` for what is over a limit, `MODULE_RESERVED_EXPORT` for a module that
 * has one of the reserved names itself.
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
  const probe = encodeProbe(declarations.memories.length);
  const bulk = new BulkHelpers(declarations, tables, probe, options.pieces ?? DEFAULT_PIECES);
  const codeBytes = sizeOf(declarations.section(SectionId.code));
  // Before the rest, because only the code shows which functions are to be appended.
  const code = new Writer(codeBytes * 5 / 4 + 1024 | 0);
  const costs = { ...DEFAULT_COST_LIMITS, ...options.costs };
  const { allocatesAt, insertions, map } = writeCodeSection(code, declarations, { probe, costs, bulk });
  const keptBytes = declarations.sections.filter(({ id }) => id !== SectionId.custom).reduce(
    (sum, section) => sum + sizeOf(section),
    0,
  );
  const writer = new Writer(keptBytes - codeBytes + code.length + 1024);
  const ownFrom = declarations.memories.length - declarations.ownMemories.length;
  const codeAt = writeModule(writer, declarations, {
    memories: bounded.slice(ownFrom),
    tables,
    bulk,
    code: code.finish(),
    keepsExport: options.keepsExport ?? (() => true),
  });
  if (!options.allowGc) checkNoGc(declarations, allocatesAt);
  return {
    bytes: writer.finish(),
    info: describeDeclarations(declarations),
    importedMemories: bounded.slice(0, ownFrom),
    memories: bounded,
    tables,
    insertions,
    codeMap: map.finish(codeAt + CODE_HEADER_BYTES),
  };
}

/** Bytes of a section with its header; none if the module does not have it. */
function sizeOf(section: Section | undefined): number {
  return section === undefined ? 0 : section.end - section.offset;
}
