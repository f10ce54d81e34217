/**
 * The kinds of events. Each has one name, which all folders use; what a wire or a module's ABI calls it stands only in the file that
 * knows that wire or ABI.
 *
 * @module
 */

/** Every phase of a request that a proxy may tell an agent about, and `configure`, which belongs to no request. */
export const PHASES = [
  "configure",
  "request_headers",
  "request_body",
  "response_headers",
  "response_body",
  "request_complete",
  "websocket_frame",
  "guardrail_inspect",
] as const;

/** The kind of an event. */
export type Phase = typeof PHASES[number];

/** A phase whose event is the head of a request or of a response. */
export type HeadPhase = "request_headers" | "response_headers";

/** True if the events of `phase` are heads. */
export function isHeadPhase(phase: string): phase is HeadPhase {
  return phase === "request_headers" || phase === "response_headers";
}
