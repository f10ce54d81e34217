/**
 * The parts of an event that a person wants to see.
 *
 * @module
 */

import type { Event } from "../protocol/mod.ts";

/** Fields of a log line; those that the event does not have are left out. */
export interface Shown {
  readonly method?: string;
  readonly uri?: string;
  /** The upstream's. */
  readonly status?: number;
}

/** Must be called when the event has just come: a head is good only until the next frame is decoded. */
export function showEvent(event: Event): Shown {
  if (event.kind === "request_headers") return { method: event.method(), uri: event.uri() };
  if (event.kind === "response_headers") return { status: event.status };
  return {};
}
