/**
 * What happens in the agent, as lines of the log.
 *
 * @module
 */

import type { Failure, UnknownKey } from "../agent/mod.ts";
import { AgentError, ProtocolError } from "../errors.ts";
import type { Log } from "../ops/mod.ts";
import type { Decision, Event } from "../protocol/mod.ts";
import type { SessionNote } from "../server/mod.ts";

/** A module error, too much work, or an event that is no fault of the module's. */
export function logFailure(log: Log, { correlationId, phase, module, error }: Failure): void {
  if (error instanceof ProtocolError) {
    log.warning("event not understood", { correlation_id: correlationId, phase, ...describe(error) });
    return;
  }
  log.error("module error", { correlation_id: correlationId, phase, module, ...describe(error) });
}

/** A key in a module's results that means nothing: its author most likely meant another. */
export function logUnknownKey(log: Log, module: string, { key, nearest, last }: UnknownKey): void {
  log.warning("unknown key in result: ignored", { module, key, nearest, last_told: last ? true : undefined });
}

/** Something that happened on a connection. */
export function logNote(log: Log, note: SessionNote): void {
  switch (note.kind) {
    case "handshake":
      if (note.refusal === undefined) {
        log.debug("handshake", { proxy_id: note.proxyId, proxy_version: note.proxyVersion });
      }
      return;
    case "configure":
      log.debug("configured by proxy", { agent_id: note.agentId });
      return;
    case "late":
      log.warning("reply dropped: too late", {
        correlation_id: note.event.correlationId,
        phase: note.event.kind,
        took_ms: rounded(note.tookMs),
      });
  }
}

/** A reply that left; only in verbose logs. */
export function logDecided(log: Log, event: Event, decision: Decision, tookMs: number): void {
  log.debug("decided", {
    correlation_id: event.correlationId,
    phase: event.kind,
    decision: decision.verdict.kind,
    tags: decision.tags,
    took_ms: rounded(tookMs),
  });
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** An error as fields of a line. */
export function describe(error: unknown): { readonly code?: string; readonly cause: string } {
  if (error instanceof AgentError) return { code: error.code, cause: error.message };
  return { cause: error instanceof Error ? error.message : String(error) };
}
