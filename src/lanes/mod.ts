/**
 * Puts pools, the policy and the server together, once for each event loop. The main thread has a lane of its own, and further ones
 * run in threads.
 *
 * @module
 */

export { Lane } from "./lane.ts";
export { Lanes } from "./lanes.ts";
export { loadModule } from "./module_file.ts";
export { describeError } from "./log_observer.ts";
