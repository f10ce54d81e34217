/**
 * Writes what happens in the agent as lines of the log.
 *
 * @module
 */

import { AgentError, GuestError, PoolError, ProtocolError } from "../errors.ts";
import { type GuestModule, MAX_LINES_PER_SECOND, UNCOUNTED_BECAUSE } from "../guest/mod.ts";
import type {
  Failure,
  Log,
  LogFields,
  Observer,
  PrintedLine,
  SessionNote,
  UncountedMeasure,
  UnknownKey,
} from "../ops/mod.ts";
import type { Decision, Event } from "../protocol/mod.ts";
import { createRate, RateLimit, type RateWords } from "../rate_limit.ts";
import { Limited } from "./limited.ts";
import { showEvent, type Shown } from "./show_event.ts";

/** How many lines of one module are written. */
interface ModuleLines {
  readonly failures: Limited;
  readonly printed: Limited;
  readonly debug: Limited;
}

/** Writes the lines of one event loop about its modules. */
export class LogObserver implements Observer {
  readonly #log: Log;
  /** Fields of heads, read when the heads came, because these are overwritten while a call in a thread goes on. Empty without `--verbose`. */
  readonly #shown = new WeakMap<Event, Shown>();
  readonly #late: Limited;
  readonly #connections: Limited;
  #modules: ReadonlyMap<string, ModuleLines> = new Map();

  /** An event that has come. */
  readonly arrived?: (event: Event) => void;
  /** A reply that has left. */
  readonly decided?: (event: Event, decision: Decision, tookMs: number) => void;

  /** Looks at single events only if the log is verbose. */
  constructor(log: Log, modules: readonly GuestModule[]) {
    this.#log = log;
    this.#late = this.#limited("reply dropped: too late", createRate());
    this.#connections = this.#limited("connection closed", createRate());
    this.follow(modules);
    if (!log.verbose) return;
    this.arrived = (event) => this.#shown.set(event, showEvent(event));
    this.decided = (event, decision, tookMs) => this.#writeDecision(event, decision, tookMs);
  }

  /** Counts the lines of these modules from now on; tells what was left out of those before. */
  follow(modules: readonly GuestModule[]): void {
    const before = this.#modules;
    this.#modules = new Map(modules.map(({ name, rates }) => [name, {
      failures: this.#limited("module error", rates.failures, name),
      printed: this.#limited("printed by module", rates.printed, name),
      debug: this.#limited("debug lines of module", rates.debug, name),
    }]));
    this.#closeAll(before);
  }

  /** An event that was not decided as it should have been. */
  failed({ correlationId, phase, module, error }: Failure): void {
    const event = { correlation_id: correlationId, phase };
    // The proxy no longer waits for the answer. That is nobody's fault, so it is not logged as one.
    if (error instanceof PoolError && error.code === "POOL_WAIT_ABORTED") return this.#log.debug("cancelled", event);
    if (!this.#admitsFailure(module)) return;
    if (error instanceof ProtocolError) {
      this.#log.warning("event not understood", { ...event, ...describeError(error) });
    } else if (error instanceof GuestError || error instanceof PoolError) {
      this.#log.error("module error", { ...event, module, ...describeError(error) });
    } else {
      const stack = error instanceof Error ? error.stack : undefined;
      this.#log.error("fault in agent", { ...event, module, ...describeError(error), stack });
    }
  }

  /** An instance or thread that did not start. */
  notStarted(module: string, error: unknown): void {
    if (this.#admitsFailure(module)) {
      this.#log.error("instance did not start", { module, ...describeError(error) });
    }
  }

  /** A key in results that means nothing: the module's author most likely meant another. */
  unknownKey({ module, key, nearest, last }: UnknownKey): void {
    this.#log.warning("unknown key in result: ignored", {
      module,
      key,
      nearest,
      last_told: last ? true : undefined,
    });
  }

  /** A line that the module has printed. The slot that ran it has already limited how many lines come. */
  printed({ module, stream, line, level, correlationId }: PrintedLine): void {
    const lines = this.#modules.get(module);
    if (level !== "debug") lines?.printed.seen();
    else if (this.#log.verbose) lines?.debug.seen();
    const id = correlationId === "" ? undefined : correlationId;
    this.#log[level](line, { stream, module, correlation_id: id });
  }

  /** A metric of a module that is not counted. Only the first of each kind is logged. */
  uncounted({ module, name, why }: UncountedMeasure): void {
    this.#log.warning(`metric not counted: ${UNCOUNTED_BECAUSE[why]}`, { module, metric: name });
  }

  /** A module that is slow from now on, or quick again. */
  moved(module: string, toThreads: boolean): void {
    const message = toThreads ? "module needs threads: calls or starts of it are long" : "module needs threads no more";
    this.#log.info(message, { module });
  }

  /** A connection that was closed for what its peer did, or could not be accepted. */
  connectionClosed(error: unknown): void {
    if (this.#connections.admit()) this.#log.warning("connection closed", { ...describeError(error) });
  }

  /** Something that happened on a connection. */
  noted(note: SessionNote): void {
    switch (note.kind) {
      case "handshake":
        if (note.refusal === undefined) {
          this.#log.debug("handshake", { proxy_id: note.proxyId, proxy_version: note.proxyVersion });
        }
        return;
      case "configure":
        this.#log.debug("configured by proxy", { agent_id: note.agentId });
        return;
      case "not_taken":
        if (this.#late.admit()) this.#log.warning("replies dropped: not taken in time", { replies: note.replies });
        return;
      case "late":
        if (!this.#late.admit()) return;
        this.#log.warning("reply dropped: too late", {
          correlation_id: note.event.correlationId,
          phase: phaseOf(note.event),
          took_ms: rounded(note.tookMs),
        });
    }
  }

  #writeDecision(event: Event, { verdict, tags }: Decision, tookMs: number): void {
    const { method, uri, status } = this.#shown.get(event) ?? {};
    const answer = "status" in verdict ? verdict.status : undefined;
    const fields: LogFields = {
      correlation_id: event.correlationId,
      phase: phaseOf(event),
      method,
      uri,
      status: answer ?? status,
      // This is the upstream's status, which the module has replaced by another one.
      upstream_status: answer === undefined ? undefined : status,
      decision: verdict.kind,
      tags,
      took_ms: rounded(tookMs),
    };
    this.#log.debug("decided", fields);
  }

  /** Writes how many lines were left out. */
  close(): void {
    this.#late.close();
    this.#connections.close();
    this.#closeAll(this.#modules);
  }

  #closeAll(modules: ReadonlyMap<string, ModuleLines>): void {
    for (const { failures, printed, debug } of modules.values()) {
      failures.close();
      printed.close();
      if (this.#log.verbose) debug.close();
    }
  }

  /** A module that a reload has removed may still fail in its last calls, so it gets limits as well. */
  #admitsFailure(module: string): boolean {
    return this.#modules.get(module)?.failures.admit() ?? true;
  }

  #limited(of: string, words: RateWords, module?: string): Limited {
    return new Limited(
      new RateLimit(words, MAX_LINES_PER_SECOND),
      (count) => this.#log.warning("lines left out", { of, module, count }),
    );
  }
}

/** What the proxy calls it. */
function phaseOf(event: Event): string {
  return event.kind === "unreadable" ? event.phase : event.kind;
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** An error as fields of a line. */
export function describeError(
  error: unknown,
): { readonly code?: string; readonly cause: string; readonly trace?: readonly string[] } {
  if (error instanceof AgentError) {
    const { code, message, trace } = error;
    return trace.length === 0 ? { code, cause: message } : { code, cause: message, trace };
  }
  return { cause: error instanceof Error ? error.message : String(error) };
}
