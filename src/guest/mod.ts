/**
 * Modules made ready, and instances of them that run.
 *
 * @module
 */

export { type Handler, HANDLERS, type UnknownHandler } from "./abi.ts";
export { type CallGuard, Guest, type GuestCall, MAX_RESULT_BYTES } from "./guest.ts";
export { type GuestModule, type ModuleLimits, type ModuleRates, prepareModule } from "./module.ts";
export { type GuestOutput, MAX_LINES_PER_SECOND, type OutputStream } from "./output.ts";
export type { RateWords } from "../rate_limit.ts";
