/**
 * Decides events by asking a module. Knows no socket.
 *
 * @module
 */

export type { FailMode } from "./fail_mode.ts";
export { ModulePolicy, type ModulePolicyOptions } from "./module_policy.ts";
export type { Arrival, Policy } from "./policy.ts";
export { withQuirks } from "./quirks/mod.ts";
