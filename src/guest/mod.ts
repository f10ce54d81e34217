/**
 * Modules made ready, and instances of them that run.
 *
 * @module
 */

export type { BoundAbi, Dialect, GuestAbi, UnknownHandler } from "./abi/abi.ts";
export { MAX_RESULT_BYTES } from "./abi/agent_call.ts";
export { ABIS } from "./abi/mod.ts";
export { type CallGuard, Guest, type GuestCall, type GuestEars, type GuestOptions } from "./guest.ts";
export { eventLimit, overran, startLimit } from "./failure.ts";
export { type Fit, fitOf } from "./fit.ts";
export type { ImportFit } from "./imports/mod.ts";
export type { HostContext, HostFunction, ImportTypes } from "./imports/mod.ts";
export { Instance, type WasmFunction } from "./instance.ts";
export { GuestMemory } from "./memory.ts";
export { MAX_METRIC_NAME, MAX_METRICS, type Measures, type Uncounted, UNCOUNTED_BECAUSE } from "./meter.ts";
export {
  createRates,
  type GuestModule,
  type ModuleBuild,
  type ModuleLimits,
  type ModuleRates,
  NO_CONFIGURATION,
  prepareModule,
} from "./module.ts";
export {
  type GuestOutput,
  type LastWords,
  MAX_LINE_BYTES,
  MAX_LINES_PER_SECOND,
  type OutputLevel,
  type OutputSink,
  type OutputStream,
} from "./output.ts";
export type { RateWords } from "../rate_limit.ts";
