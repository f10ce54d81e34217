/**
 * What a connection says and hears once its protocol is known.
 *
 * @module
 */

import type { AgentIdentity, ByteWriter, Decision, Event } from "../protocol/mod.ts";

/** Decides events: the one thing this folder needs from the rest. Never throws, never rejects. */
export type Decide = (event: Event, arrival: Arrival) => Decision | Promise<Decision>;

/** When an event came in, and whether its answer is still wanted. */
export class Arrival {
  /** On `performance.now()`. */
  readonly at: number;
  #controller: AbortController | undefined;

  /** `at` is on `performance.now()`. */
  constructor(at: number) {
    this.at = at;
  }

  /** Made when first asked for: most events are decided before anything could abort them. */
  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  /** Says that nobody wants the answer any more. */
  abort(): void {
    (this.#controller ??= new AbortController()).abort();
  }
}

/** What sessions are made of. */
export interface SessionOptions {
  /** What v2 proxies are told in the handshake; v1 has none. */
  readonly identity: AgentIdentity;
  /** Asked for every event, `configure` included. */
  readonly decide: Decide;
  /** A reply later than this after its event's arrival must not leave: the proxy has given up on it. In milliseconds. */
  readonly lateAfterMs: number;
  /** Told what happens, for the log. */
  readonly onNote: (note: SessionNote) => void;
  /** Told of each reply that leaves, and how long after its event, in milliseconds. */
  readonly onDecided?: (event: Event, decision: Decision, tookMs: number) => void;
}

/** Something worth a line in the log. */
export type SessionNote =
  | { readonly kind: "handshake"; readonly proxyId: string; readonly proxyVersion: string; readonly refusal?: string }
  | { readonly kind: "configure"; readonly agentId?: string }
  | { readonly kind: "late"; readonly event: Event; readonly tookMs: number };

/** The output of a connection. */
export interface Outbox {
  /** Where replies are put; taken anew for each, for it changes with every write. */
  readonly out: ByteWriter;
  /** Sends what was put, now or after the write that is under way. */
  flush(): void;
}

/** One connection's conversation. */
export interface Session {
  /** Events that have no reply yet. */
  readonly inFlight: number;
  /**
   * Takes a frame's body; `at` is when it arrived. A promise means that the next frame must wait for it.
   *
   * @throws {ProtocolError | FrameError} The connection must be closed.
   */
  handle(body: Uint8Array, at: number): void | Promise<void>;
  /** The connection is gone: nobody wants the answers that are still to come. */
  abort(): void;
}
