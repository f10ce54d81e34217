/**
 * v1 events: one JSON envelope a frame, `{"version":1,"event_type":"request_headers","payload":{...}}`.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { escapeText, MAX_NAME_SHOWN, quoted } from "../../escape.ts";
import type { Event, EventKind } from "../event.ts";
import { type Fields, objectAt, parseJson, stringAt } from "../fields.ts";
import { checkHeadBytes } from "../limits.ts";
import { decodePayload } from "../payload.ts";
import { RawHead } from "../raw_head.ts";
import { orUnreadable } from "../unreadable.ts";

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
 * @throws {ProtocolError} `MESSAGE_NOT_JSON`, `MESSAGE_UNKNOWN_VERSION` or `MESSAGE_OVER_LIMIT`; `MESSAGE_BAD_FIELD` or
 * `MESSAGE_UNKNOWN_KIND` where no id can be read.
 */
export function decodeV1Event(body: Uint8Array): Event {
  if (head.scanV1(body)) return head.toEvent();
  const envelope = objectAt(parseJson(body), "envelope");
  if (envelope.version !== 1) {
    throw new ProtocolError(
      "MESSAGE_UNKNOWN_VERSION",
      `Cannot read message as 'version' must be 1: received ${shown(envelope.version)}`,
    );
  }
  const { event_type: type, payload } = envelope;
  return orUnreadable(
    typeof type === "string" ? type : "unknown",
    payload,
    () => decodePayload(kindIn(envelope, body.length), payload),
  );
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : escapeText(JSON.stringify(value), MAX_NAME_SHOWN);
}

function kindIn(envelope: Fields, bodyBytes: number): EventKind {
  const type = stringAt(envelope, "event_type");
  const kind = KINDS.get(type);
  if (kind === undefined) {
    throw new ProtocolError(
      "MESSAGE_UNKNOWN_KIND",
      `Cannot read message as 'event_type' must be a known one: received ${quoted(type)}`,
    );
  }
  checkHeadBytes(kind, bodyBytes);
  return kind;
}
