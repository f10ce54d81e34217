/**
 * Several policies as one: the proof that whoever asks a policy cannot tell how many there are.
 *
 * @module
 */

import type { Arrival, Policy } from "../../../src/agent/mod.ts";
import type { Phase } from "../../../src/phase.ts";
import { ALLOW, type Decision, type Event } from "../../../src/protocol/mod.ts";

/**
 * Asks its policies in order, until one does not allow. What they do to headers, and their tags, add up.
 *
 * A later policy sees the head as the proxy has sent it: what earlier ones do to it is done by the proxy, after all have decided. All of
 * them count their time from the event's arrival, so that the chain has one deadline: the latest of theirs.
 */
export class Chain implements Policy {
  readonly #policies: readonly Policy[];

  constructor(policies: readonly Policy[]) {
    this.#policies = policies;
  }

  get phases(): ReadonlySet<Phase> {
    return new Set(this.#policies.flatMap(({ phases }) => [...phases]));
  }

  get budgetMs(): number {
    return Math.max(0, ...this.#policies.map(({ budgetMs }) => budgetMs));
  }

  decide(event: Event, arrival: Arrival): Decision | Promise<Decision> {
    return this.#decideFrom(0, ALLOW, event, arrival);
  }

  async configure(config: unknown): Promise<string | undefined> {
    const refusals = await Promise.all(this.#policies.map((policy) => policy.configure(config)));
    return refusals.find((refusal) => refusal !== undefined);
  }

  async close(): Promise<void> {
    await Promise.all(this.#policies.map((policy) => policy.close()));
  }

  #decideFrom(first: number, before: Decision, event: Event, arrival: Arrival): Decision | Promise<Decision> {
    let sum = before;
    for (let index = first; index < this.#policies.length; index++) {
      const decision = this.#policies[index]!.decide(event, arrival);
      if (decision instanceof Promise) {
        const kept = keep(event);
        return decision.then((decided) => {
          const next = add(sum, decided);
          return next.verdict.kind === "allow" ? this.#decideFrom(index + 1, next, kept, arrival) : next;
        });
      }
      sum = add(sum, decision);
      if (sum.verdict.kind !== "allow") break;
    }
    return sum;
  }
}

/** An event that is good after the next frame, too. */
function keep(event: Event): Event {
  return event.kind === "request_headers" || event.kind === "response_headers" ? event.retain() : event;
}

/** Two decisions one after the other. The objects of policies that change nothing are kept, because encoders remember their bytes. */
function add(first: Decision, second: Decision): Decision {
  if (first === ALLOW) return second;
  if (second === ALLOW) return first;
  return {
    ...first,
    ...second,
    requestHeaders: [...first.requestHeaders, ...second.requestHeaders],
    responseHeaders: [...first.responseHeaders, ...second.responseHeaders],
    tags: [...first.tags, ...second.tags],
  };
}
