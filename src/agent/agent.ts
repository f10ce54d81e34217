/**
 * Event to decision: the module's where it has a handler, the fail mode's where that fails, allow for all other events.
 *
 * @module
 */

import { PoolError, ProtocolError } from "../errors.ts";
import type { GuestModule } from "../guest/mod.ts";
import type { Phase } from "../phase.ts";
import type { Pool, Take } from "../pool/mod.ts";
import { ALLOW, ByteWriter, type Decision, type Event, type HeadEvent } from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { callKind } from "./call_kind.ts";
import { type FailMode, failureDecisions } from "./fail_mode.ts";
import { putModuleInput } from "./input.ts";
import { decodeChecked } from "./checked_result.ts";
import { parseResult, type Result } from "./result.ts";
import { ResultCache } from "./result_cache.ts";
import { type UnknownKey, UnknownKeys } from "./unknown_keys.ts";

/** A failure, told once for each event it befell. */
export interface Failure {
  /** The event's. */
  readonly correlationId: string;
  /** Kind of the event; of an unreadable one what the proxy calls it. */
  readonly phase: string;
  /** The module's file name. */
  readonly module: string;
  /** A `GuestError`, a `PoolError`, or a `ProtocolError` for an unreadable event; any other is a fault of this program. */
  readonly error: unknown;
}

/** What an agent is made of. */
export interface AgentOptions {
  /** The one that the pool runs. */
  readonly module: GuestModule;
  /** Whoever made it closes it. */
  readonly pool: Pick<Pool, "run">;
  /** For events whose handler fails or finds no instance. */
  readonly failMode: FailMode;
  /** Called before the event is answered; must not throw. */
  readonly onFailure: (failure: Failure) => void;
  /** Told once of each key in results that means nothing; must not throw. */
  readonly onUnknownKey: (key: UnknownKey) => void;
}

/** How an event came in. */
export interface Arrival {
  /** When, on `performance.now()`. */
  readonly at: number;
  /** How long it took to read, in milliseconds: no time of the module's. 0 if that is too short to tell. */
  readonly readingMs: number;
  /** Aborted when nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

const WEBSOCKET_ALLOW: Decision = { ...ALLOW, websocket: "allow" };

/** Decides events. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #handled: ReadonlySet<Phase>;
  readonly #failures: ReturnType<typeof failureDecisions>;
  readonly #unknownKeys: UnknownKeys;
  readonly #results = new ResultCache((result) => this.#decisionOf(parseResult(result)));
  readonly #checkedResults = new ResultCache((checked) => this.#decisionOf(decodeChecked(checked)));
  readonly #take: Take<Decision> = (result, checked) =>
    checked === true ? this.#checkedResults.accept(result) : this.#results.accept(result);
  readonly #input = new ByteWriter();

  /** Starts nothing: the pool runs already. */
  constructor(options: AgentOptions) {
    this.#options = options;
    this.#handled = new Set(options.module.phases);
    this.#failures = failureDecisions(options.failMode);
    this.#unknownKeys = new UnknownKeys(options.onUnknownKey);
  }

  /** Never throws, never rejects: what goes wrong is told to `onFailure` and takes the fail mode. */
  decide(event: Event, arrival: Arrival): Decision | Promise<Decision> {
    switch (event.kind) {
      case "request_headers":
      case "response_headers":
        return this.#handled.has(event.kind) ? this.#ask(event, arrival) : ALLOW;
      case "response_body":
        // Releases up to 0.6.50 lose a chunk that is not given back.
        return { ...ALLOW, responseBody: { data: event.data, chunkIndex: event.chunkIndex } };
      case "websocket_frame":
        return WEBSOCKET_ALLOW;
      case "unreadable":
        return this.#fail(event, event.phase, event.error);
      default:
        return ALLOW;
    }
  }

  #ask(event: HeadEvent, arrival: Arrival): Decision | Promise<Decision> {
    const { pool, module } = this.#options;
    try {
      const input = this.#encode(event);
      const readAt = lastNow();
      // What took long to read takes long to write down, too.
      const time = arrival.readingMs > 0 ? now() : readAt;
      const decision = pool.run(
        {
          phase: event.kind,
          cohort: callKind(event),
          correlationId: event.correlationId,
          input,
          deadline: arrival.at + arrival.readingMs + (time - readAt) + module.limits.timeoutMs,
          cancellation: arrival,
        },
        this.#take,
        time,
      );
      return decision instanceof Promise ? decision.catch((error) => this.#fail(event, event.kind, error)) : decision;
    } catch (error) {
      return this.#fail(event, event.kind, error);
    }
  }

  #decisionOf({ decision, unknownKeys }: Result): Decision {
    if (unknownKeys !== undefined) this.#unknownKeys.see(unknownKeys);
    return decision;
  }

  /** In a buffer that the next call uses again. */
  #encode(event: HeadEvent): Uint8Array {
    this.#input.clear();
    putModuleInput(this.#input, event);
    return this.#input.written;
  }

  #fail({ correlationId }: Event, phase: string, error: unknown): Decision {
    const { onFailure, module } = this.#options;
    onFailure({ correlationId, phase, module: module.name, error });
    if (error instanceof ProtocolError) return this.#failures.unreadable;
    return error instanceof PoolError ? this.#failures.overload : this.#failures.error;
  }
}
