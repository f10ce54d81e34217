/**
 * v1 events: one JSON envelope a frame, `{"version":1,"event_type":"request_headers","payload":{...}}`.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import type { Event, EventKind } from "../event.ts";
import { objectAt, parseJson, stringAt } from "../fields.ts";
import { decodePayload } from "../payload.ts";
import { RawHead } from "../raw_head.ts";

const KINDS: ReadonlyMap<string, EventKind> = new Map<string, EventKind>([
  ["configure", "configure"],
  ["request_headers", "request_headers"],
  ["request_body_chunk", "request_body_chunk"],
  ["response_headers", "response_headers"],
  ["response_body_chunk", "response_body_chunk"],
  ["request_complete", "request_complete"],
  ["web_socket_frame", "websocket_frame"],
  ["websocket_frame", "websocket_frame"],
  ["guardrail_inspect", "guardrail_inspect"],
]);

const head = new RawHead();

/**
 * The event in a v1 frame's body; that of a head may be a {@linkcode RawHeadEvent}, good until the next call.
 *
 * @throws {ProtocolError} `MESSAGE_NOT_JSON`, `MESSAGE_BAD_FIELD`, `MESSAGE_UNKNOWN_VERSION` or `MESSAGE_UNKNOWN_KIND`.
 */
export function decodeV1Event(body: Uint8Array): Event {
  if (head.scanV1(body)) return head.toEvent();
  const envelope = objectAt(parseJson(body), "envelope");
  if (envelope.version !== 1) {
    throw new ProtocolError(
      "MESSAGE_UNKNOWN_VERSION",
      `Cannot read message as 'version' must be 1: received ${JSON.stringify(envelope.version)}`,
    );
  }
  const type = stringAt(envelope, "event_type");
  const kind = KINDS.get(type);
  if (kind === undefined) {
    throw new ProtocolError(
      "MESSAGE_UNKNOWN_KIND",
      `Cannot read message as 'event_type' must be a known one: received "${type}"`,
    );
  }
  return decodePayload(kind, envelope.payload);
}
