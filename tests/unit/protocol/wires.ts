/**
 * The wires as tests read with them.
 *
 * @module
 */

import { type Event, type Head, type Message, NEW_RELEASE, V1JsonWire, V2JsonWire } from "../../../src/protocol/mod.ts";

export const V1 = new V1JsonWire();
export const V2 = new V2JsonWire(NEW_RELEASE);

/** The event that `message` is. */
export function eventOf(message: Message): Event {
  switch (message.kind) {
    case "handshake":
    case "cancel":
    case "ping":
    case "ignored":
      throw new TypeError(`no event: ${message.kind}`);
    default:
      return message;
  }
}

/** The head that `message` is. */
export function headOf(message: Message): Head {
  if (message.kind === "request_headers" || message.kind === "response_headers") return message;
  throw new TypeError(`no head: ${message.kind}`);
}
