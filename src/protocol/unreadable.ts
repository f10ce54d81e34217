/**
 * Events that are not as they must be. Other events may be in flight on the same connection, so it is not closed for such an event: it
 * can be answered as long as its correlation id can be read.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import type { Event } from "./event.ts";
import { type Fields, idAt, isFields } from "./fields.ts";

/**
 * The event that `decode` reads from `payload`; where a field is wrong, an event that has no more than a correlation id.
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

/** The id of a request's head, which stands in its metadata, or that of any other event. */
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
