/**
 * How long after its arrival an event may be answered.
 *
 * @module
 */

/** With the defaults, 50 ms, this is the limit of the proxy's sample configuration. */
const LATE_FACTOR = 1.25;
/** Least time between the deadline and the last moment for a reply, in milliseconds: to end a call that runs on takes 1 to 3. */
const LEAST_SLACK_MS = 10;

/** A reply later than this after its event's arrival must not leave, in milliseconds. */
export function lateAfterMs(timeoutMs: number): number {
  return Math.max(timeoutMs * LATE_FACTOR, timeoutMs + LEAST_SLACK_MS);
}
