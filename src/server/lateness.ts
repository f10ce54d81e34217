/**
 * How long after its arrival an event may be answered.
 *
 * @module
 */

import type { Event } from "../protocol/mod.ts";

/** With the defaults, 50 ms, this is the limit of the proxy's sample configuration. */
const LATE_FACTOR = 1.25;
/** Least time between the deadline and the last moment for a reply, in milliseconds. To end a call that is late takes 1 to 3. */
const LEAST_SLACK_MS = 10;

/**
 * How long a proxy waits for the reply to its configuration at least, in milliseconds: 0.6.54 does. Releases that speak v1 send it on a
 * connection that they use for nothing else, so that a reply that they no longer wait for is not taken for another's.
 */
const CONFIGURE_MS = 5_000;

/** How late a reply to `event` may leave. One to a configuration has more time, because new instances are made before it is taken. */
export function lateAfterMsFor(event: Event, lateAfterMs: number): number {
  return event.kind === "configure" ? Math.max(lateAfterMs, CONFIGURE_MS) : lateAfterMs;
}

/** A reply later than this after its event's arrival must not leave, in milliseconds. */
export function lateAfterMs(timeoutMs: number): number {
  return Math.max(timeoutMs * LATE_FACTOR, timeoutMs + LEAST_SLACK_MS);
}
