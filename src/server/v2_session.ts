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

/** Answers events concurrently. */
export class V2Session implements Session {
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  readonly #pending = new Map<string, Set<Arrival>>();
  #replies: ReplyEncoder | undefined;
  #inFlight = 0;

  constructor(options: SessionOptions, outbox: Outbox) {
    this.#options = options;
    this.#outbox = outbox;
  }

  get inFlight(): number {
    return this.#inFlight;
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
    this.#options.onNote({ kind: "handshake", proxyId, proxyVersion, refusal });
    if (refusal !== undefined) throw new ProtocolError("HANDSHAKE_REFUSED", refusal);
    this.#replies = REPLIES.get(releaseOf(proxyVersion));
  }

  #decide(event: Event, arrival: Arrival): void {
    if (event.kind === "configure") this.#options.onNote({ kind: "configure" });
    const decision = this.#options.decide(event, arrival);
    if (decision instanceof Promise) this.#replyLater(event, decision, arrival);
    else this.#reply(event, decision, lastNow() - arrival.at);
  }

  async #replyLater(event: Event, decision: Promise<Decision>, arrival: Arrival): Promise<void> {
    const id = event.correlationId;
    const arrivals = this.#pending.get(id) ?? new Set();
    this.#pending.set(id, arrivals.add(arrival));
    this.#inFlight++;
    const decided = await decision;
    this.#inFlight--;
    arrivals.delete(arrival);
    if (arrivals.size === 0 && this.#pending.get(id) === arrivals) this.#pending.delete(id);
    if (!arrival.signal.aborted) this.#reply(event, decided, now() - arrival.at);
    this.#outbox.flush();
  }

  #cancel(correlationId: string): void {
    for (const arrival of this.#pending.get(correlationId) ?? []) arrival.abort();
  }

  #reply(event: Event, decision: Decision, tookMs: number): void {
    if (tookMs > this.#options.lateAfterMs) return this.#options.onNote({ kind: "late", event, tookMs });
    const replies = this.#replies;
    if (replies === undefined) return;
    const fitting = (decision.responseBody?.data.length ?? 0) > MAX_RETURNED_BODY ? ALLOW : decision;
    this.#send(MessageType.agentResponse, (out) => replies.put(out, fitting, event.correlationId));
    this.#options.onDecided?.(event, decision, tookMs);
  }

  #send(type: number, put: (out: Outbox["out"]) => void): void {
    const { out } = this.#outbox;
    const start = out.length;
    out.putUint32(0);
    out.putByte(type);
    put(out);
    out.setUint32(start, out.length - start - PREFIX_BYTES);
  }
}
