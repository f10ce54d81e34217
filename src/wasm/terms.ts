/**
 * What runs an instance needs of the format, without what reads and rewrites modules: threads load this and no more.
 *
 * @module
 */

export { type CodeMap, placeOf } from "./code_map.ts";
export { EPOCH_EXPORT, memoryExport, START_EXPORT, TRAP_EXPORT } from "./reserved_exports.ts";
export { formatType } from "./types.ts";
