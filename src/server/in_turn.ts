/**
 * A conversation of one event, one reply, strictly in turn, as v1 has it.
 *
 * @module
 */

import { type Decision, type Event, putReply, type Wire } from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { lateAfterMsFor } from "./lateness.ts";
import { type Outbox, PendingEvent, replyLate, type Session, type SessionOptions, spentOn } from "./session.ts";

/** Answers one event after the other. */
export class InTurnSession implements Session {
  readonly inTurn = true;
  /** The next event waits for the reply to the one before. */
  readonly expectedBytes = 0;
  readonly maxFrameBytes: number;
  readonly #wire: Wire<Event>;
  readonly #options: SessionOptions;
  readonly #outbox: Outbox;
  #pending: PendingEvent | undefined;

  /** @param wire One whose messages are all events. */
  constructor(wire: Wire<Event>, options: SessionOptions, outbox: Outbox) {
    this.maxFrameBytes = wire.maxFrameBytes;
    this.#wire = wire;
    this.#options = options;
    this.#outbox = outbox;
  }

  get inFlight(): number {
    return this.#pending === undefined ? 0 : 1;
  }

  handle(body: Uint8Array, at: number): void | Promise<void> {
    const event = this.#wire.decode(body);
    if (event.kind === "configure") this.#options.observer.noted?.({ kind: "configure", agentId: event.agentId });
    this.#pending = new PendingEvent(this.#wire.protocol, at, spentOn(body));
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
    const lateAfterMs = lateAfterMsFor(event, this.#options.lateAfterMs);
    if (tookMs > lateAfterMs) {
      this.#options.observer.noted?.({ kind: "late", event, tookMs });
      // A late reply would be read as the answer to the next event.
      throw replyLate(lateAfterMs, tookMs);
    }
    putReply(this.#wire, this.#outbox.out, decision, event.correlationId);
    this.#outbox.framed(event.kind === "configure" ? Infinity : at);
    this.#options.observer.decided?.(event, decision, tookMs, this.#wire.protocol);
  }
}
