/**
 * How much a message may hold. Each bound is looked at before the work that it bounds, so that no frame holds up the event loop for
 * longer than its bytes take to arrive.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import { isHeadPhase, type Phase } from "../phase.ts";

/**
 * Longest body of a frame that carries a head, in bytes. Proxies take less: zentinel-proxy 0.6.45 has 8 KiB of headers as its default,
 * and Pingora, which it is built on, takes 1 MiB at most.
 */
export const MAX_HEAD_BYTES: number = 1024 * 1024;

/** Most header names of a head, and most values of all of them together; Pingora takes 256 lines. */
export const MAX_HEADERS = 1000;

/** Longest correlation id, in UTF-16 units: most are UUIDs, but proxies take over what a client calls its request. */
export const MAX_ID_LENGTH: number = 64 * 1024;

/** Deepest nesting of objects and lists: that of serde_json, which reads and writes the proxies' JSON. */
export const MAX_DEPTH = 128;

/** Most members of all objects of a message: the engine takes about 1 us for each whose name it has not seen before. */
export const MAX_MEMBERS = 10_000;

/** Most commas of a message, a little less than members and items together: the engine takes 0.1 us for each. */
export const MAX_COMMAS = 100_000;

/** @throws {ProtocolError} `MESSAGE_OVER_LIMIT` for a head in a frame's body of more than {@linkcode MAX_HEAD_BYTES}. */
export function checkHeadBytes(phase: Phase, bodyBytes: number): void {
  if (isHeadPhase(phase) && bodyBytes > MAX_HEAD_BYTES) throw overLimit("a head's bytes", MAX_HEAD_BYTES, bodyBytes);
}

/** What to throw for more than `limit`, in the words of the thing that was too much. */
export function overLimit(limited: string, limit: number, received: number | string): ProtocolError {
  return new ProtocolError(
    "MESSAGE_OVER_LIMIT",
    `Cannot read message as ${limited} must be at most ${limit}: received ${received}`,
  );
}
