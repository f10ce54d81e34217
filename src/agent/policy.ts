/**
 * What decides events, seen from those who ask: the waist between what speaks with proxies and what runs modules.
 *
 * @module
 */

import type { Phase } from "../phase.ts";
import type { Decision, Event, Protocol } from "../protocol/mod.ts";

/** How an event came in. */
export interface Arrival {
  /** By which version of the protocol. */
  readonly protocol: Protocol;
  /** When, on `performance.now()`. */
  readonly at: number;
  /** How long it took to read, in milliseconds: this time is not the policy's. 0 if that is too short to tell. */
  readonly readingMs: number;
  /** Aborted when nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

/** Decides events. */
export interface Policy {
  /** The phases that proxies are asked to tell of. Events of other phases get their answer, too. */
  readonly phases: ReadonlySet<Phase>;
  /** How long after an event's arrival it may still work on its decision, in milliseconds. */
  readonly budgetMs: number;
  /**
   * Decides any event, at once where that is possible. Never throws and never rejects: a policy that fails has a fail mode for it. The event
   * is good until `decide` returns; a policy that needs its head for longer retains it.
   */
  decide(event: Event, arrival: Arrival): Decision | Promise<Decision>;
  /** Takes the configuration that a proxy holds for this agent. Resolves to why it is refused, or to undefined; never rejects. */
  configure(config: unknown): Promise<string | undefined>;
  /** Ends all that it holds, once what is in flight has been decided. Nothing may be asked of it from then on. */
  close(): Promise<void>;
}
