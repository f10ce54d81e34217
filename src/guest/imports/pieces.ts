/**
 * What keeps a host call whose work the guest chooses within its deadline.
 *
 * @module
 */

import type { HostContext } from "./mod.ts";

/** Ends the guest call if it is past its deadline. */
export function endIfExpired(context: HostContext): void {
  if (context.expired()) context.abort("GUEST_DEADLINE", "a host call after its deadline");
}

/** Takes `[0, length)` in pieces of `size` at most, and looks at the deadline between two of them. */
export function inPieces(
  context: HostContext,
  length: number,
  size: number,
  take: (start: number, end: number) => void,
): void {
  for (let start = 0; start < length; start += size) {
    if (start > 0) endIfExpired(context);
    take(start, Math.min(length, start + size));
  }
}
