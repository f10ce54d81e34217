/**
 * A conversation that begins with a handshake; then events are answered as their decisions come, each by its correlation id, as v2 has
 * it.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { type ConcurrentWire, type Decision, type Event, type Handshake, putReply } from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { lateAfterMsFor } from "./lateness.ts";
import { type Outbox, PendingEvent, type Session, type SessionOptions, spentOn } from "./session.ts";

/** The next reply may be as long as this however short the last ones were, so that 128 events are in flight at most: a proxy has up to 100. */
const SURPRISING_BYTES = 32 * 1024;
/** By how much the size that is expected of the next reply shrinks with each smaller one. */
const FORGETTING = 0.9;

/** Answers events concurrently. */
export class ConcurrentSession implements Session {
  readonly inTurn = false;
  readonly maxFrameBytes: number;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  /** By correlation id; the last event of each, because a reply to one before it would be taken for the answer to the last. */
  readonly #pending = new Map<string, PendingEvent>();
  #wire: ConcurrentWire;
  #shaken = false;
  #inFlight = 0;
  /** Size of the largest of the recent replies, in bytes. */
  #replyBytes = 0;

  /** @param wire Speaks until the handshake leads to another one. */
  constructor(wire: ConcurrentWire, options: SessionOptions, outbox: Outbox) {
    this.maxFrameBytes = wire.maxFrameBytes;
    this.#wire = wire;
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
    const message = this.#wire.decode(body);
    if (message.kind === "handshake") return this.#shakeHands(message.handshake);
    if (!this.#shaken) {
      throw new ProtocolError(
        "HANDSHAKE_MISSING",
        `Cannot take message as the first must be a handshake: received ${message.kind}`,
      );
    }
    switch (message.kind) {
      case "ping":
        this.#wire.putPong(this.#outbox.out, message.payload);
        return this.#outbox.framed(Infinity);
      case "cancel":
        return this.#cancel(message.correlationId);
      case "ignored":
        return;
      default:
        return this.#decide(message, new PendingEvent(this.#wire.protocol, at, spentOn(body)));
    }
  }

  abort(): void {
    for (const id of [...this.#pending.keys()]) this.#cancel(id);
  }

  #shakeHands(handshake: Handshake): void {
    const { identity, observer } = this.#options;
    const { proxyId, proxyVersion } = handshake;
    const { wire, refusal } = this.#wire.shakeHands(this.#outbox.out, handshake, identity);
    this.#outbox.framed(Infinity);
    observer.noted?.({ kind: "handshake", proxyId, proxyVersion, refusal });
    if (wire === undefined) throw new ProtocolError("HANDSHAKE_REFUSED", refusal);
    this.#wire = wire;
    this.#shaken = true;
  }

  #decide(event: Event, arrival: PendingEvent): void {
    if (event.kind === "configure") this.#options.observer.noted?.({ kind: "configure" });
    // A proxy that asks again under the same id has given up on its earlier question.
    if (this.#pending.size > 0) this.#cancel(event.correlationId);
    const decision = this.#options.decide(event, arrival);
    if (decision instanceof Promise) this.#replyLater(event, decision, arrival);
    else this.#reply(event, decision, arrival.at, lastNow());
  }

  async #replyLater(event: Event, decision: Promise<Decision>, arrival: PendingEvent): Promise<void> {
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
    if (tookMs > lateAfterMsFor(event, this.#options.lateAfterMs)) {
      return this.#options.observer.noted?.({ kind: "late", event, tookMs });
    }
    putReply(this.#wire, this.#outbox.out, decision, event.correlationId);
    this.#outbox.framed(event.kind === "configure" ? Infinity : at);
    this.#options.observer.decided?.(event, decision, tookMs, this.#wire.protocol);
  }
}
