/**
 * The WebAssembly binary format: what a module declares, and the rewrite that makes it interruptible and bounded.
 *
 * Knows bytes only: nothing here compiles or runs a module, except to ask V8 whether it is valid.
 *
 * @module
 */

export type { Import } from "./sections/import.ts";
export { type CostLimits, DEFAULT_COST_LIMITS } from "./body_limits.ts";
export { DEFAULT_PIECES, type Pieces } from "./bulk_operation.ts";
export { inspectModule, type ModuleInfo } from "./inspect.ts";
export { type Instrumented, instrumentModule, type InstrumentOptions } from "./instrument.ts";
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
