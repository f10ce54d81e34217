/**
 * What may be seen of an agent while it runs: agent, pool and server tell it to an {@linkcode Observer}, and know nobody else.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";
import type { Decision, Event, Protocol } from "../protocol/mod.ts";
import type { LogLevel } from "./log.ts";

/**
 * Looks on, and changes nothing. Every member is optional, and a caller looks whether it is there: what nobody wants to see costs
 * nothing. No member may throw, and each is called on the event loop while a request waits.
 */
export interface Observer {
  /** An event has come. It is called before the next frame is read: until then the event's head is what was sent. */
  arrived?(event: Event): void;
  /** A reply has been written that was decided `tookMs` milliseconds after its event had come. */
  decided?(event: Event, decision: Decision, tookMs: number, protocol: Protocol): void;
  /** A module has decided an event that it handles, or its fail mode has done so in its place. */
  answered?(module: string, event: Event, decision: Decision, protocol: Protocol): void;
  /** A call of a module has ended, well or not, that had waited `waitedMs` milliseconds for its instance and then took `tookMs`. */
  called?(module: string, waitedMs: number, tookMs: number): void;
  /** An event was not decided as it should have been; called before it is answered. */
  failed?(failure: Failure): void;
  /** A module's result has a key that means nothing; called once for each key. */
  unknownKey?(key: UnknownKey): void;
  /** A module's instance, or the thread for one, did not start; it is tried again. */
  notStarted?(module: string, error: unknown): void;
  /** An instance of a module has started; on the event loop it is known that it took `tookMs` milliseconds. */
  made?(module: string, place: Place, tookMs?: number): void;
  /** An instance of a module serves no more: it has served its share, or an error of this code has ended it. */
  ended?(module: string, why: WornBy | ErrorCode): void;
  /** A new instance of a module has taken the place of one that had failed, or had served its share. */
  replaced?(module: string): void;
  /** From now on a module's long calls run in threads (true), or all its calls run on the event loop again (false). */
  moved?(module: string, toThreads: boolean): void;
  /** A module has printed a line. */
  printed?(line: PrintedLine): void;
  /** A module has added to a counter of its own; called at most once a counter for each of its calls. */
  measured?(measure: Measure): void;
  /** A module has counted what cannot be counted: it is dropped; called once for each reason. */
  uncounted?(measure: UncountedMeasure): void;
  /** Bytes have been read from a connection, in which so many frames ended. */
  received?(bytes: number, frames: number): void;
  /** Bytes are on their way to a connection's peer, so many whole frames. */
  sent?(bytes: number, frames: number): void;
  /** The number of open connections has changed. */
  connections?(open: number): void;
  /** A connection was closed for what its peer did, or could not be accepted. */
  connectionClosed?(error: unknown): void;
  /** Configuration and modules were to be read anew. */
  reloaded?(outcome: ReloadOutcome): void;
  /** Something else has happened on a connection. */
  noted?(note: SessionNote): void;
}

/** Who has asked for a reload: a signal, a file that has changed, or the admin endpoint. */
export type ReloadCause = "signal" | "files" | "admin";

/** What came of a reload. */
export interface ReloadOutcome {
  /** Who has asked first. */
  readonly cause: ReloadCause;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  /** Until the new modules served or it was given up, in milliseconds. */
  readonly tookMs: number;
  /** Why the modules from before serve on; left out where the new ones serve. */
  readonly error?: { readonly code?: string; readonly cause: string; readonly trace?: readonly string[] };
  /** Those that serve now, in their order. */
  readonly modules: readonly ServingModule[];
  /** Names of settings that have changed and need another start of the agent: they are as they were. */
  readonly needRestart: readonly string[];
}

/** A module that serves. */
export interface ServingModule {
  /** The module's name. */
  readonly name: string;
  /** Its file. */
  readonly path: string;
  /** Of the file, in hexadecimal. */
  readonly sha256: string;
  /** Size of the file. */
  readonly bytes: number;
}

/** Where an instance runs. */
export type Place = "event_loop" | "thread";

/** What an instance has used up whose time is over: its calls (`--max-requests-per-instance`) or its memory. */
export type WornBy = "calls" | "memory";

/** An event that was not decided as it should have been. */
export interface Failure {
  /** The event's. */
  readonly correlationId: string;
  /** Kind of the event; of an unreadable one what the proxy calls it. */
  readonly phase: string;
  /** The module's name. */
  readonly module: string;
  /** A `GuestError`, a `PoolError`, or a `ProtocolError` for an unreadable event; any other is a fault of this program. */
  readonly error: unknown;
}

/** A key seen for the first time in results of a module. */
export interface UnknownKey {
  /** The module's name. */
  readonly module: string;
  /** Escaped and cut. */
  readonly key: string;
  /** The known key that it comes closest to. */
  readonly nearest: string;
  /** True if no more keys of this module are told of after this one. */
  readonly last: boolean;
}

/** A line that a module has printed. */
export interface PrintedLine {
  /** The module's name. */
  readonly module: string;
  /** Where it was printed: `stdout`, `stderr`, or what else the module's host functions call it. */
  readonly stream: string;
  /** Escaped and cut. */
  readonly line: string;
  /** How much it matters: what is printed to a stream is `info`. */
  readonly level: LogLevel;
  /** Of the request that it was printed for; empty if for none. */
  readonly correlationId: string;
}

/** What a module adds to a counter of its own. */
export interface Measure {
  /** The module's name. */
  readonly module: string;
  /** The counter's: a letter or underscore, then letters, digits and underscores, 64 at most. A module has 64 of them at most. */
  readonly name: string;
  /** What is added: finite, and not negative. */
  readonly value: number;
}

/** What a module counts in vain. */
export interface UncountedMeasure {
  /** The module's name. */
  readonly module: string;
  /** Escaped and cut. */
  readonly name: string;
  /** What is wrong: the name, the value, or that the module has as many counters as it may have. */
  readonly why: "name" | "value" | "too many";
}

/** What happens on a connection besides events and their replies. */
export type SessionNote =
  | { readonly kind: "handshake"; readonly proxyId: string; readonly proxyVersion: string; readonly refusal?: string }
  | { readonly kind: "configure"; readonly agentId?: string }
  /** A decision came too late for its reply to be sent. */
  | { readonly kind: "late"; readonly event: Event; readonly tookMs: number }
  /** Replies were dropped that the peer had not taken in time. */
  | { readonly kind: "not_taken"; readonly replies: number };

/** One observer that tells several, in their order. What none of them looks at stays undefined. */
export function tee(observers: readonly Observer[]): Observer {
  // The type makes sure that no member is forgotten here.
  const all: { readonly [Member in keyof Required<Observer>]: Observer[Member] } = {
    arrived: each(observers, (one) => one.arrived?.bind(one)),
    decided: each(observers, (one) => one.decided?.bind(one)),
    answered: each(observers, (one) => one.answered?.bind(one)),
    called: each(observers, (one) => one.called?.bind(one)),
    failed: each(observers, (one) => one.failed?.bind(one)),
    unknownKey: each(observers, (one) => one.unknownKey?.bind(one)),
    notStarted: each(observers, (one) => one.notStarted?.bind(one)),
    made: each(observers, (one) => one.made?.bind(one)),
    ended: each(observers, (one) => one.ended?.bind(one)),
    replaced: each(observers, (one) => one.replaced?.bind(one)),
    moved: each(observers, (one) => one.moved?.bind(one)),
    printed: each(observers, (one) => one.printed?.bind(one)),
    measured: each(observers, (one) => one.measured?.bind(one)),
    uncounted: each(observers, (one) => one.uncounted?.bind(one)),
    received: each(observers, (one) => one.received?.bind(one)),
    sent: each(observers, (one) => one.sent?.bind(one)),
    connections: each(observers, (one) => one.connections?.bind(one)),
    connectionClosed: each(observers, (one) => one.connectionClosed?.bind(one)),
    reloaded: each(observers, (one) => one.reloaded?.bind(one)),
    noted: each(observers, (one) => one.noted?.bind(one)),
  };
  return all;
}

/** One function that calls a member of each observer that has it. */
function each<Values extends readonly unknown[]>(
  observers: readonly Observer[],
  memberOf: (observer: Observer) => ((...values: Values) => void) | undefined,
): ((...values: Values) => void) | undefined {
  const members = observers.flatMap((observer) => memberOf(observer) ?? []);
  if (members.length < 2) return members[0];
  return (...values) => members.forEach((member) => member(...values));
}
