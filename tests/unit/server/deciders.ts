/**
 * Deciders that a test holds in its hand, in place of a module.
 *
 * @module
 */

import type { Event } from "../../../src/protocol/mod.ts";
import { ALLOW, type Decision } from "../../../src/protocol/mod.ts";
import type { SessionNote } from "../../../src/ops/mod.ts";
import type { Arrival } from "../../../src/agent/mod.ts";
import type { Decide, SessionOptions } from "../../../src/server/session.ts";

/** A decision asked for and not given yet. */
export interface Asked {
  readonly event: Event;
  readonly arrival: Arrival;
  readonly answer: (decision: Decision) => void;
}

/** Decides nothing by itself: the test answers each event when it likes. */
export class HeldDecider {
  readonly asked: Asked[] = [];

  readonly decide: Decide = (event, arrival) => {
    const { promise, resolve } = Promise.withResolvers<Decision>();
    this.asked.push({ event, arrival, answer: resolve });
    return promise;
  };

  /** Correlation ids in the order they were asked for. */
  get ids(): string[] {
    return this.asked.map(({ event }) => event.correlationId);
  }

  /** Answers the event with this id that has been asked for last. */
  answer(correlationId: string, decision: Decision = ALLOW): void {
    const asked = this.asked.findLast(({ event }) => event.correlationId === correlationId);
    if (asked === undefined) throw new RangeError(`nobody asked about "${correlationId}"`);
    asked.answer(decision);
  }
}

/** A block that carries `body`, to tell answers apart. */
export function blockWith(body: string): Decision {
  return { ...ALLOW, verdict: { kind: "block", status: 403, body } };
}

/** Options around `decide`; nothing is late unless a test says so. */
export function sessionOptions(decide: Decide, changes: Partial<SessionOptions> = {}) {
  const notes: SessionNote[] = [];
  const options: SessionOptions = {
    identity: {
      agentId: "agent",
      name: "agent",
      version: "1.2.3",
      events: ["request_headers", "response_headers"],
      maxConcurrency: 8,
    },
    decide,
    lateAfterMs: 3_600_000,
    observer: { noted: (note) => notes.push(note) },
    ...changes,
  };
  return { options, notes };
}
