/**
 * Which calls can be taken to last alike: those of one handler for one path, or for one status.
 *
 * @module
 */

import type { HeadEvent, RawHead } from "../protocol/mod.ts";

/** UTF-16 units of a path that count. */
const MAX_PATH_BYTES = 128;
const QUESTION_MARK = 0x3f, BACKSLASH = 0x5c;
/** Of FNV-1a. */
const SEED = 0x811c9dc5, PRIME = 0x01000193;

/** A whole number, the same for calls of the same kind. */
export function callKind(event: HeadEvent): number {
  if ("raw" in event) return event.kind === "request_headers" ? rawPathHash(event.raw) : event.raw.status;
  return event.kind === "request_headers" ? pathHash(event.uri) : event.status;
}

function rawPathHash(head: RawHead): number {
  const { bytes, uri: { start, end } } = head;
  const last = Math.min(end, start + MAX_PATH_BYTES);
  let hash = SEED;
  for (let at = start; at < last; at++) {
    const byte = bytes[at]!;
    if (byte === QUESTION_MARK) break;
    // An escape is two bytes for one of the path.
    if (byte === BACKSLASH) return pathHash(head.text(head.uri));
    hash = Math.imul(hash ^ byte, PRIME);
  }
  return hash;
}

function pathHash(uri: string): number {
  const last = Math.min(uri.length, MAX_PATH_BYTES);
  let hash = SEED;
  for (let at = 0; at < last; at++) {
    const unit = uri.charCodeAt(at);
    if (unit === QUESTION_MARK) break;
    hash = Math.imul(hash ^ unit, PRIME);
  }
  return hash;
}
