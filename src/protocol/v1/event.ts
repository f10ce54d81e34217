/**
 * v1 events: one JSON envelope a frame, `{"version":1,"event_type":"request_headers","payload":{...}}`.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { escapeText, MAX_NAME_SHOWN, quoted } from "../../escape.ts";
import type { Phase } from "../../phase.ts";
import type { Event } from "../event.ts";
import { type Fields, objectAt, parseJson, stringAt } from "../fields.ts";
import { checkHeadBytes } from "../limits.ts";
import { decodePayload } from "../payload.ts";
import { phaseOfEventType } from "../phase.ts";
import { RawHead } from "../raw_head.ts";
import { orUnreadable } from "../unreadable.ts";

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
    () => decodePayload(phaseIn(envelope, body.length), payload),
  );
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : escapeText(JSON.stringify(value), MAX_NAME_SHOWN);
}

function phaseIn(envelope: Fields, bodyBytes: number): Phase {
  const type = stringAt(envelope, "event_type");
  const phase = phaseOfEventType(type);
  if (phase === undefined) {
    throw new ProtocolError(
      "MESSAGE_UNKNOWN_KIND",
      `Cannot read message as 'event_type' must be a known one: received ${quoted(type)}`,
    );
  }
  checkHeadBytes(phase, bodyBytes);
  return phase;
}
