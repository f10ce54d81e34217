/**
 * A policy that another one can take the place of while events come in.
 *
 * @module
 */

import type { Phase } from "../phase.ts";
import type { Decision, Event } from "../protocol/mod.ts";
import type { Arrival, Policy } from "./policy.ts";

/** Decides as the policy that it holds now. */
export class Current implements Policy {
  #policy: Policy;
  readonly #configure: Policy["configure"];

  /**
   * Begins with `policy`.
   *
   * @param configure Takes a configuration by putting another policy in the place of the one that is there; by default that one takes it.
   */
  constructor(policy: Policy, configure: Policy["configure"] = (config) => this.#policy.configure(config)) {
    this.#policy = policy;
    this.#configure = configure;
  }

  get phases(): ReadonlySet<Phase> {
    return this.#policy.phases;
  }

  get budgetMs(): number {
    return this.#policy.budgetMs;
  }

  decide(event: Event, arrival: Arrival): Decision | Promise<Decision> {
    return this.#policy.decide(event, arrival);
  }

  configure(config: unknown): Promise<string | undefined> {
    return this.#configure(config);
  }

  close(): Promise<void> {
    return this.#policy.close();
  }

  /** Has `next` decide all events that come from now on. Resolves once the policy before has decided its last and is closed. */
  async replace(next: Policy): Promise<void> {
    const old = this.#policy;
    this.#policy = next;
    await old.close();
  }
}
