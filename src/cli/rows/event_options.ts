/**
 * Options that describe a request or response.
 *
 * @module
 */

import type { Options } from "../options.ts";

/** Of a request alone: what `try` sends. */
export const REQUEST_OPTIONS = {
  "method": { type: "text", default: "GET", help: "Method of the request" },
  "uri": { type: "text", default: "/", help: "Its path and query" },
  "header": { type: "list", default: [], help: 'A header, "NAME: VALUE"; may be given again and again' },
} as const satisfies Options;

/** Of the one event, or where events are. */
export const EVENT_OPTIONS = {
  ...REQUEST_OPTIONS,
  "client-ip": { type: "text", default: "127.0.0.1", help: "Address of the request's client" },
  "status": { type: "integer", default: 200, min: 100, max: 999, help: "Status of a response, in place of a request" },
  "body": {
    type: "text",
    default: "",
    help: "A body. Modules decide on heads: of a body they see the length, and the method is POST if none is given",
  },
  "phase": {
    type: "choice",
    choices: ["auto", "request", "response", "request_headers", "response_headers"],
    default: "auto",
    help: "What to ask for: request or response; auto: a response if it has a status",
  },
  "event": {
    type: "path",
    default: "",
    help: "A file of events in place of these options: JSON or JSON lines; -: stdin",
  },
} as const satisfies Options;
