/**
 * What a person wants to know of an event: from a head that was decoded, or one that was not.
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

/** Good at any time only if it is called before the next frame is read: until then a raw head is the one that was sent. */
export function showEvent(event: Event): Shown {
  if (event.kind === "request_headers") {
    return "raw" in event ? event.raw.requestLine() : { method: event.method, uri: event.uri };
  }
  if (event.kind === "response_headers") return { status: "raw" in event ? event.raw.status : event.status };
  return {};
}
