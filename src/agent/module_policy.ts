/**
 * One module as a policy: its own decision where it has a handler, its fail mode's where that fails, allow for all other events.
 *
 * @module
 */

import { PoolError, ProtocolError } from "../errors.ts";
import type { GuestModule } from "../guest/mod.ts";
import type { Phase } from "../phase.ts";
import type { Observer } from "../ops/mod.ts";
import type { Pool } from "../pool/mod.ts";
import { ALLOW, type Decision, type Event, type Head } from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { cohortOf } from "./cohort.ts";
import { Codec } from "./codec/codec.ts";
import type { Inputs } from "./codec/inputs.ts";
import { type FailMode, failureDecisions } from "./fail_mode.ts";
import { InFlight } from "./in_flight.ts";
import type { Arrival, Policy } from "./policy.ts";

/** What a module's policy is made of. */
export interface ModulePolicyOptions {
  /** The one that the pool runs. */
  readonly module: GuestModule;
  /** Runs the calls. The policy closes it. */
  readonly pool: Pick<Pool, "run"> & { close(): unknown };
  /** For the event, from its arrival, in milliseconds; the module's own time counts from when its turn comes. */
  readonly budgetMs?: number;
  /** For the module's input, shared with other modules of the same event loop. */
  readonly inputs?: Inputs;
  /** For events whose handler fails or finds no instance. */
  readonly failMode: FailMode;
  /** Told of events that are not decided as they should be, and of results that say something unknown. */
  readonly observer: Observer;
}

/** Decides by what a module answers. */
export class ModulePolicy implements Policy {
  readonly #options: ModulePolicyOptions;
  readonly #failures: ReturnType<typeof failureDecisions>;
  readonly #codec: Codec;
  readonly #inFlight = new InFlight();
  readonly phases: ReadonlySet<Phase>;
  readonly budgetMs: number;

  /** Starts nothing: the pool runs already. */
  constructor(options: ModulePolicyOptions) {
    this.#options = options;
    this.#failures = failureDecisions(options.failMode);
    this.#codec = new Codec(options.module, options.observer, options.inputs);
    this.phases = new Set(options.module.phases);
    this.budgetMs = options.budgetMs ?? options.module.limits.timeoutMs;
  }

  decide(event: Event, arrival: Arrival): Decision | Promise<Decision> {
    switch (event.kind) {
      case "request_headers":
      case "response_headers":
        return this.phases.has(event.kind) ? this.#ask(event, arrival) : ALLOW;
      case "unreadable":
        return this.#fail(event, event.phase, event.error, arrival);
      default:
        return ALLOW;
    }
  }

  /** Changes nothing: a module gets a new configuration in new instances, behind a policy of their own. */
  configure(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async close(): Promise<void> {
    await this.#inFlight.none();
    await this.#options.pool.close();
  }

  #ask(event: Head, arrival: Arrival): Decision | Promise<Decision> {
    const { pool, module } = this.#options;
    try {
      const input = this.#codec.encode(event);
      const readAt = lastNow();
      // An event that took long to read takes long to write down, too, and neither is time of the module's.
      const time = arrival.readingMs > 0 ? now() : readAt;
      const eventEnds = arrival.at + arrival.readingMs + (time - readAt) + this.budgetMs;
      const decision = pool.run(
        {
          phase: event.kind,
          cohort: cohortOf(event),
          correlationId: event.correlationId,
          input,
          deadline: Math.min(eventEnds, time + module.limits.timeoutMs),
          cancellation: arrival,
        },
        this.#codec.take,
        time,
      );
      return decision instanceof Promise
        ? this.#await(decision, event, arrival)
        : this.#answered(event, decision, arrival);
    } catch (error) {
      return this.#fail(event, event.kind, error, arrival);
    }
  }

  #await(decision: Promise<Decision>, event: Head, arrival: Arrival): Promise<Decision> {
    this.#inFlight.begin();
    return decision.then(
      (decided) => this.#inFlight.end(this.#answered(event, decided, arrival)),
      (error) => this.#inFlight.end(this.#fail(event, event.kind, error, arrival)),
    );
  }

  #answered(event: Event, decision: Decision, { protocol }: Arrival): Decision {
    const { observer, module } = this.#options;
    observer.answered?.(module.name, event, decision, protocol);
    return decision;
  }

  #fail(event: Event, phase: string, error: unknown, arrival: Arrival): Decision {
    const { observer, module } = this.#options;
    observer.failed?.({ correlationId: event.correlationId, phase, module: module.name, error });
    const decision = error instanceof ProtocolError
      ? this.#failures.unreadable
      : error instanceof PoolError
      ? this.#failures.overload
      : this.#failures.error;
    return this.#answered(event, decision, arrival);
  }
}
