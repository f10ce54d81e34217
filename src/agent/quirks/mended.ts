/**
 * The frame of a quirk: a policy whose decisions on one phase are changed before a proxy gets them.
 *
 * @module
 */

import type { Phase } from "../../phase.ts";
import type { Decision, Event } from "../../protocol/mod.ts";
import type { Arrival, Policy } from "../policy.ts";

/** What to send instead of `decision`. */
export type Mend = (decision: Decision, event: Event) => Decision;

/** A policy like another one, but for the decisions on events of one phase. */
export class Mended implements Policy {
  readonly #policy: Policy;
  readonly #phase: Phase;
  readonly #mend: Mend;

  constructor(policy: Policy, phase: Phase, mend: Mend) {
    this.#policy = policy;
    this.#phase = phase;
    this.#mend = mend;
  }

  get phases(): ReadonlySet<Phase> {
    return this.#policy.phases;
  }

  get budgetMs(): number {
    return this.#policy.budgetMs;
  }

  decide(event: Event, arrival: Arrival): Decision | Promise<Decision> {
    const decision = this.#policy.decide(event, arrival);
    if (event.kind !== this.#phase) return decision;
    return decision instanceof Promise
      ? decision.then((decided) => this.#mend(decided, event))
      : this.#mend(decision, event);
  }

  configure(config: unknown): Promise<string | undefined> {
    return this.#policy.configure(config);
  }

  close(): Promise<void> {
    return this.#policy.close();
  }
}
