/**
 * A v2 conversation: a handshake, then events answered as their decisions come, each by its correlation id.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import {
  ALLOW,
  type Decision,
  decodeV2Message,
  encodeHandshakeResponse,
  type Event,
  type Handshake,
  handshakeRefusal,
  MAX_V2_FRAME_BYTES,
  MessageType,
  NEW_RELEASE,
  OLD_RELEASE,
  PREFIX_BYTES,
  releaseOf,
  ReplyEncoder,
} from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { Arrival, type Outbox, type Session, type SessionOptions, spentOn } from "./session.ts";

/** One encoder a release, so that every connection profits from the decisions that it remembers. */
const REPLIES = new Map([OLD_RELEASE, NEW_RELEASE].map((release) => [release, new ReplyEncoder(2, release)]));

/** Longest body that a reply gives back, in base64: a frame over the limit would end the proxy's reader for good. */
const MAX_RETURNED_BODY = MAX_V2_FRAME_BYTES - 64 * 1024;

/** The next reply may be as long as this however short the last ones were, so that 128 events are in flight at most: a proxy has up to 100. */
const SURPRISING_BYTES = 32 * 1024;
/** What is left of the size of a reply in what is expected of the next. */
const FORGETTING = 0.9;

/** Answers events concurrently. */
export class V2Session implements Session {
  readonly inTurn = false;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  /** By correlation id; the last event of each, because a reply to one before it would be taken for the answer to the last. */
  readonly #pending = new Map<string, Arrival>();
  #replies: ReplyEncoder | undefined;
  #inFlight = 0;
  /** Of a reply: the largest of late. */
  #replyBytes = 0;

  constructor(options: SessionOptions, outbox: Outbox) {
    this.#options = options;
    this.#outbox = outbox;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get expectedBytes(): number {
    return this.#inFlight * Math.max(this.#replyBytes, SURPRISING_BYTES);
  }

  handle(body: Uint8Array, at: number): void {
    const message = decodeV2Message(body);
    if (message.kind === "handshake") return this.#shakeHands(message.handshake);
    if (this.#replies === undefined) {
      throw new ProtocolError(
        "HANDSHAKE_MISSING",
        `Cannot take message as the first must be a handshake: received ${message.kind}`,
      );
    }
    switch (message.kind) {
      case "event":
        return this.#decide(message.event, new Arrival(at, spentOn(body)));
      case "ping":
        return this.#send(MessageType.pong, (out) => out.put(message.payload));
      case "cancel":
        return this.#cancel(message.correlationId);
    }
  }

  abort(): void {
    for (const id of [...this.#pending.keys()]) this.#cancel(id);
  }

  #shakeHands(handshake: Handshake): void {
    const refusal = handshakeRefusal(handshake);
    const { proxyId, proxyVersion } = handshake;
    this.#send(
      MessageType.handshakeResponse,
      (out) => out.put(encodeHandshakeResponse(this.#options.identity, refusal)),
    );
    this.#options.observer.noted?.({ kind: "handshake", proxyId, proxyVersion, refusal });
    if (refusal !== undefined) throw new ProtocolError("HANDSHAKE_REFUSED", refusal);
    this.#replies = REPLIES.get(releaseOf(proxyVersion));
  }

  #decide(event: Event, arrival: Arrival): void {
    if (event.kind === "configure") this.#options.observer.noted?.({ kind: "configure" });
    // Whoever asks anew under an id has given up on what was asked before.
    if (this.#pending.size > 0) this.#cancel(event.correlationId);
    const decision = this.#options.decide(event, arrival);
    if (decision instanceof Promise) this.#replyLater(event, decision, arrival);
    else this.#reply(event, decision, arrival.at, lastNow());
  }

  async #replyLater(event: Event, decision: Promise<Decision>, arrival: Arrival): Promise<void> {
    const id = event.correlationId;
    this.#pending.set(id, arrival);
    this.#inFlight++;
    const decided = await decision;
    this.#inFlight--;
    if (this.#pending.get(id) === arrival) this.#pending.delete(id);
    if (!arrival.aborted) {
      const before = this.#outbox.out.length;
      this.#reply(event, decided, arrival.at, now());
      this.#replyBytes = Math.max(this.#outbox.out.length - before, this.#replyBytes * FORGETTING);
    }
    this.#outbox.flush();
  }

  #cancel(correlationId: string): void {
    this.#pending.get(correlationId)?.abort();
  }

  #reply(event: Event, decision: Decision, at: number, time: number): void {
    const tookMs = time - at;
    if (tookMs > this.#options.lateAfterMs) return this.#options.observer.noted?.({ kind: "late", event, tookMs });
    const replies = this.#replies;
    if (replies === undefined) return;
    const fitting = (decision.responseBody?.data.length ?? 0) > MAX_RETURNED_BODY ? ALLOW : decision;
    this.#send(MessageType.agentResponse, (out) => replies.put(out, fitting, event.correlationId), at);
    this.#options.observer.decided?.(event, decision, tookMs);
  }

  #send(type: number, put: (out: Outbox["out"]) => void, at = Infinity): void {
    const { out } = this.#outbox;
    const start = out.length;
    out.putUint32(0);
    out.putByte(type);
    put(out);
    out.setUint32(start, out.length - start - PREFIX_BYTES);
    this.#outbox.framed(at);
  }
}
