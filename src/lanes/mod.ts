/**
 * Puts pools, the policy and the server together, once for each event loop. The main thread has a lane of its own, and further ones
 * run in threads.
 *
 * @module
 */

export { type DescribedDecision, describeDecision } from "./described_decision.ts";
export { DEFAULT_STATUS, type DescribedEvent, parseEvents, REQUEST_DEFAULTS, wireEvent } from "./described_event.ts";
export { Trial, type TrialAnswer, type WireEvent } from "./trial.ts";
export { Lane } from "./lane.ts";
export { Lanes } from "./lanes.ts";
export { loadModule } from "./module_file.ts";
export { describeError } from "./log_observer.ts";
