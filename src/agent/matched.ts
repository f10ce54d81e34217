/**
 * A policy that is asked about some requests, and passed over for all others.
 *
 * @module
 */

import type { Phase } from "../phase.ts";
import { ALLOW, type Decision, type Event } from "../protocol/mod.ts";
import type { Match } from "./match.ts";
import type { PassedOver } from "./passed_over.ts";
import type { Arrival, Policy } from "./policy.ts";

/** What a policy is asked about. */
export interface MatchedOptions {
  /** Asked about each request's head. */
  readonly match: Match;
  /** Remembers the requests; needed for a policy that is asked about responses. */
  readonly passedOver: PassedOver;
  /** The policy's number there. */
  readonly number: number;
}

/** Allows what its policy is not asked about. */
export class Matched implements Policy {
  readonly #policy: Policy;
  readonly #options: MatchedOptions;
  readonly #seesResponses: boolean;
  readonly phases: ReadonlySet<Phase>;

  /** Asks nobody yet. */
  constructor(policy: Policy, options: MatchedOptions) {
    this.#policy = policy;
    this.#options = options;
    this.#seesResponses = policy.phases.has("response_headers");
    // A response does not tell what its request was.
    this.phases = new Set<Phase>(["request_headers", ...policy.phases]);
  }

  get budgetMs(): number {
    return this.#policy.budgetMs;
  }

  decide(event: Event, arrival: Arrival): Decision | Promise<Decision> {
    return this.#isAbout(event) ? this.#policy.decide(event, arrival) : ALLOW;
  }

  configure(config: unknown): Promise<string | undefined> {
    return this.#policy.configure(config);
  }

  close(): Promise<void> {
    return this.#policy.close();
  }

  #isAbout(event: Event): boolean {
    const { match, passedOver, number } = this.#options;
    if (event.kind === "response_headers") return !passedOver.has(event.correlationId, number);
    if (event.kind !== "request_headers") return true;
    const matches = match(event);
    if (this.#seesResponses) passedOver.put(event.correlationId, number, !matches);
    return matches;
  }
}
