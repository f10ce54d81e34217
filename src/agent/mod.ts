/**
 * Decides events. The server asks a *policy* about each event; a module with its pool, its codec and its fail mode is one, and so are
 * several of them in a *chain*. Knows no socket.
 *
 * @module
 */

export { Chain } from "./chain.ts";
export { Codec } from "./codec/codec.ts";
export { Inputs } from "./codec/inputs.ts";
export { Current } from "./current.ts";
export type { FailMode } from "./fail_mode.ts";
export { type Match, matcher, type MatchRules } from "./match.ts";
export { Matched, type MatchedOptions } from "./matched.ts";
export { ModulePolicy, type ModulePolicyOptions } from "./module_policy.ts";
export { createPassedOver, MAX_MODULES, PassedOver } from "./passed_over.ts";
export type { Arrival, Policy } from "./policy.ts";
export { withQuirks } from "./quirks/mod.ts";
