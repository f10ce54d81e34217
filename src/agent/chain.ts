/**
 * Several policies as one: each sees what the ones before it have done to the head.
 *
 * @module
 */

import type { Phase } from "../phase.ts";
import { ALLOW, type Decision, type Event } from "../protocol/mod.ts";
import { addDecisions } from "./add_decisions.ts";
import { ChangedHead } from "./changed_head.ts";
import { changesOf } from "./header_changes.ts";
import { InFlight } from "./in_flight.ts";
import type { Arrival, Policy } from "./policy.ts";

/** Asks its policies in order, until one does not allow; what they decide adds up. See {@linkcode addDecisions}. */
export class Chain implements Policy {
  readonly #policies: readonly Policy[];
  readonly #inFlight = new InFlight();
  readonly phases: ReadonlySet<Phase>;
  readonly budgetMs: number;

  /**
   * Asks in the order of `policies`.
   *
   * @param budgetMs For all of them together, from an event's arrival, in milliseconds: each must know it.
   */
  constructor(policies: readonly Policy[], budgetMs: number) {
    this.#policies = policies;
    this.phases = new Set(policies.flatMap(({ phases }) => [...phases]));
    this.budgetMs = budgetMs;
  }

  decide(event: Event, arrival: Arrival): Decision | Promise<Decision> {
    return this.#decideFrom(0, ALLOW, event, arrival);
  }

  async configure(config: unknown): Promise<string | undefined> {
    const refusals = await Promise.all(this.#policies.map((policy) => policy.configure(config)));
    return refusals.find((refusal) => refusal !== undefined);
  }

  async close(): Promise<void> {
    // An event may be at any of them, and is still to come to those behind it.
    await this.#inFlight.none();
    await Promise.all(this.#policies.map((policy) => policy.close()));
  }

  #decideFrom(first: number, before: Decision, event: Event, arrival: Arrival): Decision | Promise<Decision> {
    let sum = before;
    let seen = afterwards(event, event, sum);
    for (let index = first; index < this.#policies.length; index++) {
      const decision = this.#policies[index]!.decide(seen, arrival);
      if (decision instanceof Promise) {
        const isLast = index === this.#policies.length - 1;
        return this.#decideLater(index, sum, decision, isLast ? event : keep(event), arrival);
      }
      if (decision === ALLOW) continue;
      sum = addDecisions(sum, decision);
      if (sum.verdict.kind !== "allow") break;
      seen = afterwards(event, seen, sum);
    }
    return sum;
  }

  async #decideLater(
    index: number,
    before: Decision,
    decision: Promise<Decision>,
    event: Event,
    arrival: Arrival,
  ): Promise<Decision> {
    this.#inFlight.begin();
    const sum = addDecisions(before, await decision);
    const decided = sum.verdict.kind === "allow" ? await this.#decideFrom(index + 1, sum, event, arrival) : sum;
    return this.#inFlight.end(decided);
  }
}

/** An event as it is after what has been decided so far; `seen` is as it was before the last decision. */
function afterwards(event: Event, seen: Event, { requestHeaders, responseHeaders }: Decision): Event {
  if (event.kind !== "request_headers" && event.kind !== "response_headers") return event;
  const ops = event.kind === "request_headers" ? requestHeaders : responseHeaders;
  if (ops.length === 0) return event;
  const changes = changesOf(ops);
  // What comes to the same is the same head, which has been written down already.
  return seen instanceof ChangedHead && seen.changes.key === changes.key ? seen : new ChangedHead(event, changes);
}

/** An event that is good after the next frame, too. */
function keep(event: Event): Event {
  return event.kind === "request_headers" || event.kind === "response_headers" ? event.retain() : event;
}
