/**
 * Decides events by asking a module. Knows no socket.
 *
 * @module
 */

export { lateAfterMs } from "./lateness.ts";
export { Agent, type AgentOptions, type Arrival, type Failure } from "./agent.ts";
export type { FailMode } from "./fail_mode.ts";
export type { UnknownKey } from "./unknown_keys.ts";
