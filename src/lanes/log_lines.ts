/**
 * What happens in the agent, as lines of the log.
 *
 * @module
 */

import type { Failure, UnknownKey } from "../agent/mod.ts";
import { AgentError, GuestError, PoolError, ProtocolError } from "../errors.ts";
import { type GuestModule, MAX_LINES_PER_SECOND, type OutputStream } from "../guest/mod.ts";
import type { Log, LogFields } from "../ops/mod.ts";
import type { Decision, Event } from "../protocol/mod.ts";
import { createRate, RateLimit, type RateWords } from "../rate_limit.ts";
import type { SessionNote } from "../server/mod.ts";
import { Limited } from "./limited.ts";
import { showEvent, type Shown } from "./show_event.ts";

/** The lines of one event loop about one module. */
export class LogLines {
  readonly #log: Log;
  readonly #module: string;
  /** What a head said of itself when it came: the head is overwritten while a call in a thread goes on. Empty without `--verbose`. */
  readonly #shown = new WeakMap<Event, Shown>();
  readonly #failures: Limited;
  readonly #late: Limited;
  readonly #connections: Limited;
  readonly #printed: Limited;

  /** Writes nothing by itself. */
  constructor(log: Log, module: GuestModule) {
    this.#log = log;
    this.#module = module.name;
    const limited = (of: string, words: RateWords) =>
      new Limited(
        new RateLimit(words, MAX_LINES_PER_SECOND),
        (count) => log.warning("lines left out", { of, module: module.name, count }),
      );
    this.#failures = limited("module error", module.rates.failures);
    this.#printed = limited("printed by module", module.rates.printed);
    this.#late = limited("reply dropped: too late", createRate());
    this.#connections = limited("connection closed", createRate());
  }

  /** An event that was not decided as it should have been. */
  failure({ correlationId, phase, module, error }: Failure): void {
    const event = { correlation_id: correlationId, phase };
    // Nobody waits for the answer any more: that is no fault of anybody's.
    if (error instanceof PoolError && error.code === "POOL_WAIT_ABORTED") return this.#log.debug("cancelled", event);
    if (!this.#failures.admit()) return;
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
  trouble(error: unknown): void {
    if (this.#failures.admit()) {
      this.#log.error("instance did not start", { module: this.#module, ...describeError(error) });
    }
  }

  /** A key in results that means nothing: the module's author most likely meant another. */
  unknownKey({ key, nearest, last }: UnknownKey): void {
    const { warning } = this.#log;
    warning("unknown key in result: ignored", {
      module: this.#module,
      key,
      nearest,
      last_told: last ? true : undefined,
    });
  }

  /** A line that the module has printed, let through where that happened. */
  printed(stream: OutputStream, line: string, correlationId: string): void {
    this.#printed.seen();
    const id = correlationId === "" ? undefined : correlationId;
    this.#log.info(line, { stream, module: this.#module, correlation_id: id });
  }

  /** A connection that was closed for what its peer did, or could not be accepted. */
  connectionError(error: unknown): void {
    if (this.#connections.admit()) this.#log.warning("connection closed", { ...describeError(error) });
  }

  /** Something that happened on a connection. */
  note(note: SessionNote): void {
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

  /** An event that has come; only for verbose logs. */
  arrived(event: Event): void {
    this.#shown.set(event, showEvent(event));
  }

  /** A reply that left; only for verbose logs. */
  decided(event: Event, { verdict, tags }: Decision, tookMs: number): void {
    const { method, uri, status } = this.#shown.get(event) ?? {};
    const answer = verdict.kind === "allow" ? undefined : verdict.status;
    const fields: LogFields = {
      correlation_id: event.correlationId,
      phase: phaseOf(event),
      method,
      uri,
      status: answer ?? status,
      // What the upstream had answered, where the module has put another status in its place.
      upstream_status: answer === undefined ? undefined : status,
      decision: verdict.kind,
      tags,
      took_ms: rounded(tookMs),
    };
    this.#log.debug("decided", fields);
  }

  /** Tells what was left out. */
  close(): void {
    for (const limited of [this.#failures, this.#late, this.#connections, this.#printed]) limited.close();
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
export function describeError(error: unknown): { readonly code?: string; readonly cause: string } {
  if (error instanceof AgentError) return { code: error.code, cause: error.message };
  return { cause: error instanceof Error ? error.message : String(error) };
}
