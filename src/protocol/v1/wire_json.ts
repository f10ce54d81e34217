/**
 * v1 in JSON: one envelope a frame, `{"version":1,"event_type":"request_headers","payload":{...}}`.
 *
 * @see https://crates.io/crates/sentinel-agent-protocol/0.3.4 which the layout was read from.
 *
 * @module
 */

import { ProtocolError } from "../../errors.ts";
import { escapeText, MAX_NAME_SHOWN, quoted } from "../../escape.ts";
import type { Phase } from "../../phase.ts";
import type { Decision } from "../decision.ts";
import type { Event } from "../event.ts";
import { type Fields, objectAt, parseJson, stringAt } from "../fields.ts";
import { beginFrame, endFrame, MAX_V1_FRAME_BYTES } from "../frame.ts";
import { checkHeadBytes } from "../limits.ts";
import { decodePayload } from "../payload.ts";
import { phaseOfEventType } from "../phase.ts";
import { OLD_RELEASE } from "../release.ts";
import { ReplyEncoder } from "../reply.ts";
import { RawHead } from "../scan/raw_head.ts";
import { orUnreadable } from "../unreadable.ts";
import type { Wire } from "../wire.ts";
import type { ByteWriter } from "../writer.ts";

/** The wire of v1: each frame is an event, each reply belongs to the event before it. */
export class V1JsonWire implements Wire<Event> {
  readonly protocol = "v1";
  readonly maxFrameBytes: number = MAX_V1_FRAME_BYTES;
  readonly maxReplyBytes: number = MAX_V1_FRAME_BYTES;
  readonly #scan = new RawHead();
  // Proxies that speak v1 do not say which release they are, and all of them are old.
  readonly #replies = new ReplyEncoder(1, OLD_RELEASE);

  /**
   * The event in a frame's body.
   *
   * @throws {ProtocolError} `MESSAGE_NOT_JSON`, `MESSAGE_UNKNOWN_VERSION` or `MESSAGE_OVER_LIMIT`; `MESSAGE_BAD_FIELD` or
   * `MESSAGE_UNKNOWN_KIND` where no id can be read.
   */
  decode(body: Uint8Array): Event {
    return this.#scan.scanV1(body) ? this.#scan.toHead() : decodeEnvelope(body);
  }

  putReply(out: ByteWriter, decision: Decision): void {
    const start = beginFrame(out);
    this.#replies.put(out, decision);
    endFrame(out, start);
  }
}

function decodeEnvelope(body: Uint8Array): Event {
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
