/**
 * What the wires call each phase.
 *
 * | phase | v1 `event_type` | v2 type byte | number in the v2 handshake |
 * |---|---|---|---|
 * | `request_headers` | `request_headers` | `10` | 1 |
 *
 * Source: sentinel-agent-protocol 0.3.4 (https://crates.io/crates/sentinel-agent-protocol/0.3.4, `EventType`) and
 * zentinel-agent-protocol 0.6.45 (https://crates.io/crates/zentinel-agent-protocol/0.6.45, `MessageType` and the `EventType` of v2).
 *
 * @module
 */

import { type Phase, PHASES } from "../phase.ts";

/** The names of one phase on the wires. */
export interface WireNames {
  /** `event_type` of a v1 envelope, and the name that people know from the proxy's configuration. */
  readonly eventType: string;
  /** Type byte of a v2 message. */
  readonly messageType: number;
  /** Number among the `supported_events` that an agent announces in the v2 handshake. */
  readonly announced: number;
}

/** The one table of them. */
export const WIRE_NAMES: { readonly [P in Phase]: WireNames } = {
  configure: { eventType: "configure", messageType: 0x17, announced: 0 },
  request_headers: { eventType: "request_headers", messageType: 0x10, announced: 1 },
  request_body: { eventType: "request_body_chunk", messageType: 0x11, announced: 2 },
  response_headers: { eventType: "response_headers", messageType: 0x12, announced: 3 },
  response_body: { eventType: "response_body_chunk", messageType: 0x13, announced: 4 },
  request_complete: { eventType: "request_complete", messageType: 0x14, announced: 5 },
  websocket_frame: { eventType: "web_socket_frame", messageType: 0x15, announced: 6 },
  guardrail_inspect: { eventType: "guardrail_inspect", messageType: 0x16, announced: 7 },
};

/** serde writes `web_socket_frame` for Rust's `WebSocketFrame`; other clients write what the rest of the protocol calls it. */
const ALIASES: readonly (readonly [eventType: string, Phase])[] = [["websocket_frame", "websocket_frame"]];

const BY_EVENT_TYPE: ReadonlyMap<string, Phase> = new Map([
  ...PHASES.map((phase): [string, Phase] => [WIRE_NAMES[phase].eventType, phase]),
  ...ALIASES,
]);
const BY_MESSAGE_TYPE: ReadonlyMap<number, Phase> = new Map(
  PHASES.map((phase): [number, Phase] => [WIRE_NAMES[phase].messageType, phase]),
);

/** The phase that v1 calls `eventType`; undefined for a name that is not known. */
export function phaseOfEventType(eventType: string): Phase | undefined {
  return BY_EVENT_TYPE.get(eventType);
}

/** The phase whose v2 messages have this type byte; undefined for messages that are no events. */
export function phaseOfMessageType(messageType: number): Phase | undefined {
  return BY_MESSAGE_TYPE.get(messageType);
}
