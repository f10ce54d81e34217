/**
 * What a connection says and hears once its protocol is known.
 *
 * @module
 */

import type { Arrival, Policy } from "../agent/mod.ts";
import { ProtocolError } from "../errors.ts";
import { escapeText } from "../escape.ts";
import type { Observer } from "../ops/mod.ts";
import {
  type AgentIdentity,
  ALLOW,
  type ByteWriter,
  type ConfigureEvent,
  type Decision,
  type Protocol,
} from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { lateAfterMs } from "./lateness.ts";

/** Decides events. */
export type Decide = Policy["decide"];

/** An event that has no reply yet, as the one who decides it sees it. */
export class PendingEvent implements Arrival {
  readonly protocol: Protocol;
  readonly at: number;
  readonly readingMs: number;
  #controller: AbortController | undefined;

  /** `at` is on `performance.now()`. */
  constructor(protocol: Protocol, at: number, readingMs = 0) {
    this.protocol = protocol;
    this.at = at;
    this.readingMs = readingMs;
  }

  /** Made when first asked for: most events are decided before anything could abort them. */
  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  /** True when nobody wants the answer any more. */
  get aborted(): boolean {
    return this.#controller?.signal.aborted ?? false;
  }

  /** Says that nobody wants the answer any more. */
  abort(): void {
    (this.#controller ??= new AbortController()).abort();
  }
}

/** To read and answer a frame up to this length takes so little time that a look at the clock is not worth its cost. */
const SHORT_FRAME_BYTES = 16 * 1024;

/**
 * Called when a frame's body has been read or answered. Returns the milliseconds since the last look at the clock, or 0 for a short
 * frame. After a long frame it looks at the clock, so that {@linkcode lastNow} does not answer with a time before that frame.
 */
export function spentOn(body: Uint8Array): number {
  if (body.length <= SHORT_FRAME_BYTES) return 0;
  const before = lastNow();
  return now() - before;
}

/** What sessions are made of. */
export interface SessionOptions {
  /** What v2 proxies are told in the handshake; v1 has none. */
  readonly identity: AgentIdentity;
  /** Asked for every event, `configure` included. */
  readonly decide: Decide;
  /** A reply later than this after its event's arrival must not leave: the proxy has given up on it. In milliseconds. */
  readonly lateAfterMs: number;
  /** Told of replies that leave, and of what else happens. */
  readonly observer: Observer;
}

/**
 * The options of sessions whose events `policy` decides: the policy is all that this folder needs of the rest of the program. What
 * depends on the policy is read again each time, because a reload may have put another policy in its place.
 *
 * @param about What proxies are told besides, asked for anew each time.
 */
export function sessionFor(
  policy: Policy,
  about: () => Omit<AgentIdentity, "events">,
  observer: Observer,
): SessionOptions {
  const decide: Decide = (event, arrival) =>
    event.kind === "configure" ? configure(policy, event) : policy.decide(event, arrival);
  return {
    get identity() {
      return { ...about(), events: [...policy.phases] };
    },
    get lateAfterMs() {
      return lateAfterMs(policy.budgetMs);
    },
    decide: observer.arrived === undefined ? decide : (event, arrival) => {
      observer.arrived?.(event);
      return decide(event, arrival);
    },
    observer,
  };
}

/** The status that tells a proxy not to use this agent with the configuration that it has sent. */
const REFUSED_STATUS = 500;
/** Longest reason that the proxy gets, in characters, because the proxy writes it into one line of its log. */
const MAX_REASON = 512;

async function configure(policy: Policy, { config }: ConfigureEvent): Promise<Decision> {
  const refusal = await policy.configure(config);
  if (refusal === undefined) return ALLOW;
  return { ...ALLOW, verdict: { kind: "block", status: REFUSED_STATUS, body: escapeText(refusal, MAX_REASON) } };
}

/** The output of a connection. */
export interface Outbox {
  /** Where frames are put; taken anew for each, because it changes with every write. */
  readonly out: ByteWriter;
  /** Says that a whole frame has been put: `at` is when its event arrived, Infinity for one that cannot be late. */
  framed(at: number): void;
  /** Sends what was put, now or after the write that is under way. */
  flush(): void;
}

/** The error that ends a connection on which only their order tells replies apart, when one of them is late. */
export function replyLate(lateAfterMs: number, tookMs: number): ProtocolError {
  return new ProtocolError(
    "REPLY_LATE",
    `Cannot reply as a reply must leave within ${lateAfterMs} ms: received decision after ${Math.round(tookMs)} ms`,
  );
}

/** Opens the conversation of a connection: `firstBodyByte` is the first of its first frame. @throws {FrameError} `PROTOCOL_UNKNOWN` */
export type OpenSession = (firstBodyByte: number, options: SessionOptions, outbox: Outbox) => Session;

/** One connection's conversation. */
export interface Session {
  /** Longest body of a frame that is taken, in bytes. */
  readonly maxFrameBytes: number;
  /** True if replies are told apart by nothing but their order: none can be left out. */
  readonly inTurn: boolean;
  /** Events that have no reply yet. */
  readonly inFlight: number;
  /** Bytes that the replies to them may come to, by those that came last. */
  readonly expectedBytes: number;
  /**
   * Takes a frame's body; `at` is when it arrived. A promise means that the next frame must wait for it.
   *
   * @throws {ProtocolError | FrameError} The connection must be closed.
   */
  handle(body: Uint8Array, at: number): void | Promise<void>;
  /** The connection is gone: nobody wants the answers that are still to come. */
  abort(): void;
}
