/**
 * What one event loop records: a line for each request and response that has got its reply.
 *
 * @module
 */

import { Inputs } from "../agent/mod.ts";
import { AgentError } from "../errors.ts";
import type { Failure, Observer } from "../ops/mod.ts";
import type { Decision, Event, Protocol } from "../protocol/mod.ts";
import { describeDecision } from "./described_decision.ts";
import { Pending } from "./pending.ts";
import { RECORDED_DIALECT } from "./recorded.ts";
import { type Hidden, Redaction } from "./redaction.ts";

/** Largest head that is recorded, in bytes: to write one down takes time of the event loop. */
export const MAX_RECORDED_HEAD: number = 64 * 1024;

interface Recorded {
  /** The head as it came, as JSON. */
  readonly head: string;
  /** Code of the first failure. */
  failed?: string;
  /** The module that has not allowed it. */
  decidedBy?: string;
}

/** Makes the lines of a recording. */
export class Recorder implements Observer {
  readonly #pending = new Pending<Recorded>();
  readonly #inputs = new Inputs();
  readonly #redaction: Redaction;
  readonly #write: (line: string) => void;
  readonly #leftOut: () => void;

  /**
   * Looks on from now on.
   *
   * @param write Takes a line, its newline included.
   * @param leftOut Told of an event that is too large.
   */
  constructor(hidden: Hidden, write: (line: string) => void, leftOut: () => void) {
    this.#redaction = new Redaction(hidden);
    this.#write = write;
    this.#leftOut = leftOut;
  }

  /** A head is good only until the next frame is decoded. */
  arrived(event: Event): void {
    if (event.kind !== "request_headers" && event.kind !== "response_headers") return;
    const json = this.#inputs.of(event, RECORDED_DIALECT);
    if (json.length > MAX_RECORDED_HEAD) return this.#leftOut();
    this.#pending.begin(event, { head: decoder.decode(json) });
  }

  /** Notes that the fail mode has decided. */
  failed({ phase, correlationId, error }: Failure): void {
    const recorded = this.#pending.of(phase, correlationId);
    if (recorded !== undefined) recorded.failed ??= error instanceof AgentError ? error.code : "UNEXPECTED";
  }

  /** Notes the module that decides: in a chain, the first that does not allow. */
  answered(module: string, { kind, correlationId }: Event, { verdict }: Decision): void {
    if (verdict.kind === "allow") return;
    const recorded = this.#pending.of(kind, correlationId);
    if (recorded !== undefined) recorded.decidedBy = module;
  }

  /** Writes the line of an event that has got its reply. */
  decided(event: Event, decision: Decision, tookMs: number, protocol: Protocol): void {
    const recorded = this.#pending.end(event);
    if (recorded === undefined) return;
    const { head, failed, decidedBy } = recorded;
    const fields: Readonly<Record<string, unknown>> = JSON.parse(head);
    const answer = this.#redaction.fields(describeDecision(decision, RECORDED_DIALECT));
    const line = {
      [event.kind === "request_headers" ? "request" : "response"]: this.#redaction.fields(fields),
      // After a failure the answer is the fail mode's, and no module should be tested against that.
      ...failed === undefined ? { expect: answer } : {},
      recorded: {
        at: new Date().toISOString(),
        took_ms: Math.round(tookMs * 1000) / 1000,
        protocol,
        decided_by: decidedBy,
        ...failed === undefined ? {} : { failed, answer },
      },
    };
    this.#write(`${JSON.stringify(line)}\n`);
  }
}

const decoder = new TextDecoder();
