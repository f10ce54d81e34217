/**
 * The wire: bytes to events, decisions to bytes. Pure, no I/O, knows no module.
 *
 * @module
 */

export { ALLOW, type Decision, type HeaderOp, type Verdict } from "./decision.ts";
export { detectProtocol, type ProtocolVersion } from "./detect.ts";
export type {
  BodyChunkEvent,
  ConfigureEvent,
  Event,
  GuardrailInspectEvent,
  HeaderValues,
  HeadEvent,
  RawHeadEvent,
  RequestCompleteEvent,
  RequestHeadersEvent,
  RequestMetadata,
  ResponseHeadersEvent,
  UnreadableEvent,
  WebSocketFrameEvent,
} from "./event.ts";
export { encodeFrame, FrameBuffer, MAX_V1_FRAME_BYTES, MAX_V2_FRAME_BYTES, PREFIX_BYTES } from "./frame.ts";
export { RawHead } from "./raw_head.ts";
export { JsonCursor, type Span } from "./json_cursor.ts";
export { NEW_RELEASE, OLD_RELEASE, type Release, releaseOf } from "./release.ts";
export { ReplyEncoder } from "./reply.ts";
export { decodeV1Event } from "./v1/event.ts";
export { type AgentIdentity, encodeHandshakeResponse, type Handshake, handshakeRefusal } from "./v2/handshake.ts";
export { decodeV2Message, type Message, MessageType } from "./v2/message.ts";
export { ByteWriter } from "./writer.ts";
