/**
 * The wire: bytes to events, decisions to bytes. Pure, no I/O, knows no module.
 *
 * @module
 */

export { ALLOW, type AnswerHeaders, type Audit, type Decision, type HeaderOp, type Verdict } from "./decision.ts";
export { DecodedHead } from "./decoded_head.ts";
export { detectProtocol, type ProtocolVersion } from "./detect.ts";
export type {
  BodyChunkEvent,
  ConfigureEvent,
  Event,
  GuardrailInspectEvent,
  HeaderValues,
  RequestCompleteEvent,
  RequestFields,
  RequestMetadata,
  ResponseFields,
  UnreadableEvent,
  WebSocketFrameEvent,
} from "./event.ts";
export {
  beginFrame,
  encodeFrame,
  endFrame,
  FrameBuffer,
  MAX_V1_FRAME_BYTES,
  MAX_V2_FRAME_BYTES,
  MAX_V2_REPLY_BYTES,
  PREFIX_BYTES,
} from "./frame.ts";
export type { Head, HeadersForm } from "./head.ts";
export { headersOf, metadataOf } from "./head_values.ts";
export { NEW_RELEASE, OLD_RELEASE, type Release, releaseOf } from "./release.ts";
export { ReplyEncoder } from "./reply.ts";
export { V1JsonWire } from "./v1/wire_json.ts";
export { type AgentIdentity, encodeHandshakeResponse, type Handshake, handshakeRefusal } from "./v2/handshake.ts";
export { encodeV2Frame, MessageType, V2JsonWire, v2JsonWire } from "./v2/wire_json.ts";
export { type Agreement, type ConcurrentWire, type Message, type Protocol, putReply, type Wire } from "./wire.ts";
export { ByteWriter } from "./writer.ts";
