/**
 * One version of the protocol in one encoding. Conversations know a wire only by these interfaces; which one a connection speaks is
 * decided by the code that opens the conversation.
 *
 * @module
 */

import { ALLOW, type Decision } from "./decision.ts";
import type { Event } from "./event.ts";
import { PREFIX_BYTES } from "./frame.ts";
import type { AgentIdentity, Handshake } from "./v2/handshake.ts";
import type { ByteWriter } from "./writer.ts";

/** What a frame can hold: an event, or one of the messages that only some wires have. */
export type Message =
  | Event
  /** The first message of a conversation that begins with a handshake. */
  | { readonly kind: "handshake"; readonly handshake: Handshake }
  /** The proxy has no use any more for the answers to the events of this id. */
  | { readonly kind: "cancel"; readonly correlationId: string }
  /** Must be answered by {@linkcode ConcurrentWire.putPong} with the same payload, which is valid as long as the frame. */
  | { readonly kind: "ping"; readonly payload: Uint8Array }
  /** Nothing needs to be done. */
  | { readonly kind: "ignored" };

/** A version of the protocol. */
export type Protocol = "v1" | "v2";

/**
 * Frames to messages, decisions to frames. One wire serves all connections of an event loop that speak it, so it keeps no state of a
 * connection; the head of an event is good until the wire decodes its next frame.
 */
export interface Wire<M extends Message = Message> {
  /** Which version it is, in whatever encoding. */
  readonly protocol: Protocol;
  /** Longest body of a frame that a proxy may send, in bytes. */
  readonly maxFrameBytes: number;
  /** Longest body of a frame that a proxy takes, in bytes. */
  readonly maxReplyBytes: number;
  /**
   * The message in a frame's body.
   *
   * @throws {ProtocolError} `MESSAGE_UNKNOWN_KIND`, `MESSAGE_BAD_FIELD`, `MESSAGE_OVER_LIMIT`, or that the encoding is broken, for bytes
   * that no proxy sends. An event with a wrong field and a readable id is no error but an `unreadable` event.
   */
  decode(body: Uint8Array): M;
  /** Appends a whole frame with the reply to an event, however long. {@linkcode putReply} is for replies that may not fit. */
  putReply(out: ByteWriter, decision: Decision, correlationId: string): void;
}

/** A wire whose replies are told apart by their correlation ids, behind a handshake. */
export interface ConcurrentWire extends Wire {
  /** Appends a whole frame with the answer to `handshake`; answers with the wire for all that follows, or why there is none. */
  shakeHands(out: ByteWriter, handshake: Handshake, identity: AgentIdentity): Agreement;
  /** Appends a whole frame with the answer to a ping of this payload. */
  putPong(out: ByteWriter, payload: Uint8Array): void;
}

/** What a handshake has led to. */
export type Agreement =
  | { readonly wire: ConcurrentWire; readonly refusal?: undefined }
  | { readonly wire?: undefined; readonly refusal: string };

/**
 * Appends a whole frame with a reply that the proxy takes. A frame above its limit would end its reader for good; only a reply that gives
 * a chunk of a body back can be that long, and instead of it the chunk is allowed to pass.
 */
export function putReply(wire: Wire, out: ByteWriter, decision: Decision, correlationId: string): void {
  const start = out.length;
  wire.putReply(out, decision, correlationId);
  if (out.length - start - PREFIX_BYTES <= wire.maxReplyBytes) return;
  out.truncate(start);
  wire.putReply(out, ALLOW, correlationId);
}
