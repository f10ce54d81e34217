/**
 * A hash of a request's path, for those who count by path: FNV-1a with 32 bits.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/ for the two constants.
 * @module
 */

/** UTF-16 units of a path that count; each is one byte of ASCII. */
const MAX_PATH_UNITS = 128;
const SEED = 0x811c9dc5, PRIME = 0x01000193;
const QUESTION_MARK = 0x3f, BACKSLASH = 0x5c;

/** The hash of the path at the beginning of `uri`. */
export function pathHash(uri: string): number {
  const last = Math.min(uri.length, MAX_PATH_UNITS);
  let hash = SEED;
  for (let at = 0; at < last; at++) {
    const unit = uri.charCodeAt(at);
    if (unit === QUESTION_MARK) break;
    hash = Math.imul(hash ^ unit, PRIME);
  }
  return hash;
}

/**
 * The same for a URI that stands in ASCII from `start` to `end` of `bytes` inside a JSON string; undefined if its path has an escape in
 * it, which is two bytes in place of one.
 */
export function plainPathHash(bytes: Uint8Array, start: number, end: number): number | undefined {
  const last = Math.min(end, start + MAX_PATH_UNITS);
  let hash = SEED;
  for (let at = start; at < last; at++) {
    const byte = bytes[at]!;
    if (byte === QUESTION_MARK) break;
    if (byte === BACKSLASH) return undefined;
    hash = Math.imul(hash ^ byte, PRIME);
  }
  return hash;
}
