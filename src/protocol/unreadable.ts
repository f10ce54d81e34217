/**
 * Events that are not as they must be. Others may be in flight on the same connection, so such a one is not worth its end: as long as
 * it says whose it is, it can be answered.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import type { Event } from "./event.ts";
import { type Fields, idAt, isFields } from "./fields.ts";

/**
 * What `decode` makes of `payload`; an event that says no more than whose it is if a field of it is wrong.
 *
 * @param phase What the proxy calls events of this kind.
 * @throws {ProtocolError} What `decode` throws, if `payload` has no id that can be read, or goes beyond a limit.
 */
export function orUnreadable(phase: string, payload: unknown, decode: () => Event): Event {
  try {
    return decode();
  } catch (error) {
    const wrong = error instanceof ProtocolError && error.code !== "MESSAGE_OVER_LIMIT";
    const correlationId = wrong ? idIn(payload) : undefined;
    if (!wrong || correlationId === undefined) throw error;
    return { kind: "unreadable", correlationId, phase, error };
  }
}

/** Where heads of requests have it, or where all other events have it. */
function idIn(payload: unknown): string | undefined {
  if (!isFields(payload)) return undefined;
  return (isFields(payload.metadata) ? readableId(payload.metadata) : undefined) ?? readableId(payload);
}

function readableId(fields: Fields): string | undefined {
  try {
    return idAt(fields, "correlation_id");
  } catch {
    return undefined;
  }
}
