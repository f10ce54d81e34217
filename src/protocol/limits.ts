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

/** Most header names that a head may have, and most values of all of them together. Pingora takes 256 lines. */
export const MAX_HEADERS = 1000;

/** Longest correlation id, in UTF-16 units. Most ids are UUIDs, but proxies may take over what a client calls its request. */
export const MAX_ID_LENGTH: number = 64 * 1024;

/**
 * Deepest nesting of objects and lists. It is the limit of serde_json, which reads and writes the proxies' JSON.
 *
 * @see https://docs.rs/serde_json/latest/serde_json/struct.Deserializer.html#method.disable_recursion_limit
 */
export const MAX_DEPTH = 128;

/** Most members that all objects of a message may have, because the engine takes about 1 us for each name it has not seen before. */
export const MAX_MEMBERS = 10_000;

/** Most commas of a message, which are a little fewer than members and items together. The engine takes 0.1 us for each. */
export const MAX_COMMAS = 100_000;

/** Refuses a head whose frame is too long. @throws {ProtocolError} `MESSAGE_OVER_LIMIT` above {@linkcode MAX_HEAD_BYTES}. */
export function checkHeadBytes(phase: Phase, bodyBytes: number): void {
  if (isHeadPhase(phase) && bodyBytes > MAX_HEAD_BYTES) throw overLimit("a head's bytes", MAX_HEAD_BYTES, bodyBytes);
}

/** The error to throw where more than `limit` came; `limited` says of what. */
export function overLimit(limited: string, limit: number, received: number | string): ProtocolError {
  return new ProtocolError(
    "MESSAGE_OVER_LIMIT",
    `Cannot read message as ${limited} must be at most ${limit}: received ${received}`,
  );
}
