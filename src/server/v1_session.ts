/**
 * A v1 conversation: one event, one reply, strictly in turn.
 *
 * @module
 */

import {
  ALLOW,
  type Decision,
  decodeV1Event,
  type Event,
  MAX_V1_FRAME_BYTES,
  OLD_RELEASE,
  PREFIX_BYTES,
  ReplyEncoder,
} from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { Arrival, type Outbox, replyLate, type Session, type SessionOptions, spentOn } from "./session.ts";

const REPLIES = new ReplyEncoder(1, OLD_RELEASE);

/** Longest body that a reply gives back, in base64: no proxy reads a frame over the limit. */
const MAX_RETURNED_BODY = MAX_V1_FRAME_BYTES - 64 * 1024;

/** Answers one event after the other. */
export class V1Session implements Session {
  readonly inTurn = true;
  /** The next event waits for the reply to the one before. */
  readonly expectedBytes = 0;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  #pending: Arrival | undefined;

  constructor(options: SessionOptions, outbox: Outbox) {
    this.#options = options;
    this.#outbox = outbox;
  }

  get inFlight(): number {
    return this.#pending === undefined ? 0 : 1;
  }

  handle(body: Uint8Array, at: number): void | Promise<void> {
    const event = decodeV1Event(body);
    if (event.kind === "configure") this.#options.observer.noted?.({ kind: "configure", agentId: event.agentId });
    this.#pending = new Arrival(at, spentOn(body));
    const decision = this.#options.decide(event, this.#pending);
    if (decision instanceof Promise) return this.#replyLater(event, decision, at);
    this.#reply(event, decision, at, lastNow() - at);
  }

  abort(): void {
    this.#pending?.abort();
  }

  async #replyLater(event: Event, decision: Promise<Decision>, at: number): Promise<void> {
    const decided = await decision;
    this.#reply(event, decided, at, now() - at);
    this.#outbox.flush();
  }

  #reply(event: Event, decision: Decision, at: number, tookMs: number): void {
    this.#pending = undefined;
    if (tookMs > this.#options.lateAfterMs) {
      this.#options.observer.noted?.({ kind: "late", event, tookMs });
      // A late reply would be read as the answer to the next event.
      throw replyLate(this.#options.lateAfterMs, tookMs);
    }
    const { out } = this.#outbox;
    const start = out.length;
    out.putUint32(0);
    REPLIES.put(out, (decision.responseBody?.data.length ?? 0) > MAX_RETURNED_BODY ? ALLOW : decision);
    out.setUint32(start, out.length - start - PREFIX_BYTES);
    this.#outbox.framed(at);
    this.#options.observer.decided?.(event, decision, tookMs);
  }
}
