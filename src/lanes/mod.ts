/**
 * Puts pools, the policy and the server together, once for each event loop. The main thread has a lane of its own, and further ones
 * run in threads.
 *
 * @module
 */

export { type DescribedDecision, describeDecision } from "./described_decision.ts";
export { DEFAULT_STATUS, type DescribedEvent, parseEvents, REQUEST_DEFAULTS, wireEvent } from "./described_event.ts";
export { Trial, type TrialAnswer, type WireEvent } from "./trial.ts";
export type { AdminEndpoint, Looked } from "./admin.ts";
export { type Edition, editionOf, loadEdition } from "./edition.ts";
export { tellOfModules, warnOfModules } from "./edition_lines.ts";
export { Lane, type Staged } from "./lane.ts";
export { type Checkup, checkUp, type Declared, type Started } from "./checkup.ts";
export { loadApart } from "./load_apart.ts";
export { Reloader, type ReloaderOptions, servingModules } from "./reload.ts";
export { fileState, FileWatch } from "./file_watch.ts";
export { RECORDED_DIALECT, REDACTED } from "./recorded.ts";
export type { Recording } from "./recording.ts";
export { tracer } from "./tracing.ts";
export { countedFile } from "./counted_file.ts";
export { Lanes } from "./lanes.ts";
export { Editions, type Stage } from "./editions.ts";
export { type Configure, ProxyConfiguration } from "./proxy_configuration.ts";
export { loadModule } from "./module_file.ts";
export { describeError } from "./log_observer.ts";
