/**
 * Tells the protocol of a connection by its fifth byte, the first of the first frame's body.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";

/** Protocol version of a connection. */
export type ProtocolVersion = 1 | 2;

const HANDSHAKE_REQUEST = 0x01;
const JSON_STARTS = new Set([0x7b, 0x20, 0x09, 0x0a, 0x0d]);

/**
 * Version spoken by a connection whose first body begins with `firstBodyByte`: `0x01` is a v2 handshake, `{` (or JSON white
 * space before it) a v1 event.
 *
 * @throws {ProtocolError} `PROTOCOL_UNKNOWN` for any other byte.
 */
export function detectProtocol(firstBodyByte: number): ProtocolVersion {
  if (firstBodyByte === HANDSHAKE_REQUEST) return 2;
  if (JSON_STARTS.has(firstBodyByte)) return 1;
  const received = firstBodyByte.toString(16).padStart(2, "0");
  throw new ProtocolError(
    "PROTOCOL_UNKNOWN",
    `Cannot tell protocol as the fifth byte must be 01 (v2 handshake) or 7b (v1 event): received ${received}`,
  );
}
