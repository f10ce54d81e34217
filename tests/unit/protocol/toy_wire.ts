/**
 * A wire that is not JSON: bytes at fixed places. It shows that conversations know nothing of an encoding.
 *
 * | bytes of a message | field | bytes of an answer | field |
 * |---|---|---|---|
 * | 0 | {@linkcode ToyType} | 0 | {@linkcode ToyType} of an answer |
 * | 1- | the correlation id, or a ping's payload | 1-2 | status of a block, or 0 |
 * | | | 3 | length of the id |
 * | | | 4- | the id, then a body's chunk that is given back |
 *
 * @module
 */

import { ProtocolError } from "../../../src/errors.ts";
import {
  type Agreement,
  beginFrame,
  type ByteWriter,
  type ConcurrentWire,
  type Decision,
  DecodedHead,
  endFrame,
  type Event,
  type Handshake,
  type Message,
} from "../../../src/protocol/mod.ts";

/** First byte of a message or an answer. */
export const ToyType = { hello: 1, request: 2, ping: 3, cancel: 4, refused: 5, welcome: 6, reply: 7, pong: 8 } as const;

const decoder = new TextDecoder();

/** Takes short frames only, so that a test can go beyond. */
export class ToyWire implements ConcurrentWire {
  readonly protocol = "v2";
  readonly maxFrameBytes: number = 64;
  readonly maxReplyBytes: number = 64;

  decode(body: Uint8Array): Message {
    const text = decoder.decode(body.subarray(1));
    switch (body[0]) {
      case ToyType.hello: {
        const supportedVersions = [Number(text)];
        const handshake = {
          supportedVersions,
          proxyId: "toy",
          proxyVersion: "1",
          supportedEncodings: [],
          config: null,
        };
        return { kind: "handshake", handshake };
      }
      case ToyType.request:
        return new DecodedHead({
          kind: "request_headers",
          correlationId: text,
          method: "GET",
          uri: "/",
          headers: {},
          metadata: { clientIp: "192.0.2.1" },
        });
      case ToyType.ping:
        return { kind: "ping", payload: body.subarray(1) };
      case ToyType.cancel:
        return { kind: "cancel", correlationId: text };
    }
    throw new ProtocolError("MESSAGE_UNKNOWN_KIND", `Cannot read message as it must be a toy: received ${body[0]}`);
  }

  putReply(out: ByteWriter, decision: Decision, correlationId: string): void {
    const { verdict, responseBody } = decision;
    const status = "status" in verdict ? verdict.status : 0;
    const start = beginFrame(out);
    for (const byte of [ToyType.reply, status >> 8, status & 0xff, correlationId.length]) out.putByte(byte);
    out.putText(correlationId);
    out.putText(responseBody?.data ?? "");
    endFrame(out, start);
  }

  shakeHands(out: ByteWriter, { supportedVersions }: Handshake): Agreement {
    const taken = supportedVersions.includes(7);
    const start = beginFrame(out);
    out.putByte(taken ? ToyType.welcome : ToyType.refused);
    endFrame(out, start);
    return taken ? { wire: this } : { refusal: "no toy" };
  }

  putPong(out: ByteWriter, payload: Uint8Array): void {
    const start = beginFrame(out);
    out.putByte(ToyType.pong);
    out.put(payload);
    endFrame(out, start);
  }
}

/** The same wire for conversations in turn, which know events only. */
export class ToyEventWire extends ToyWire {
  override decode(body: Uint8Array): Event {
    const message = super.decode(body);
    if (message.kind === "request_headers") return message;
    throw new ProtocolError(
      "MESSAGE_UNKNOWN_KIND",
      `Cannot read message as it must be an event: received ${message.kind}`,
    );
  }
}
