/**
 * The WebAssembly binary format: what a module declares, and the rewrite that makes it interruptible and bounded.
 *
 * `sections/` has a reader for each section, in the order of the specification's chapter on modules; `declarations.ts`
 * puts them together. `instrument.ts` has the steps of the rewrite: `body_scanner.ts` finds where a probe is due, which is
 * the code that looks at the epoch word, `code_writer.ts` and `rewrite.ts` write what comes of it.
 *
 * Knows bytes only: nothing here compiles or runs a module, except to ask V8 whether it is valid.
 *
 * @module
 */

export type { Import } from "./sections/import.ts";
export { MAX_MEMORIES, MAX_TABLES } from "./bounds.ts";
export { type CostLimits, DEFAULT_COST_LIMITS } from "./body_limits.ts";
export { type CodeMap, type CodePlace, placeOf } from "./code_map.ts";
export { DEFAULT_PIECES, type Pieces } from "./bulk_operation.ts";
export { featuresOf } from "./features.ts";
export { inspectModule, type ModuleInfo } from "./inspect.ts";
export { type Instrumented, instrumentModule, type InstrumentOptions } from "./instrument.ts";
export { type SeenTypes, seenTypes, takeOverTypes } from "./type_budget.ts";
export { EPOCH_EXPORT, memoryExport, START_EXPORT, TRAP_EXPORT } from "./reserved_exports.ts";
export {
  type ExternType,
  formatType,
  type FunctionType,
  type GlobalType,
  type Limits,
  type MemoryType,
  type TableType,
  type TagType,
  type ValueType,
} from "./types.ts";
