/**
 * Decides events. Whoever has an event asks a *policy*; a module with its pool, its codec and its fail mode is one. Knows no socket.
 *
 * @module
 */

export type { FailMode } from "./fail_mode.ts";
export { ModulePolicy, type ModulePolicyOptions } from "./module_policy.ts";
export type { Arrival, Policy } from "./policy.ts";
export { withQuirks } from "./quirks/mod.ts";
