/**
 * How a total is shared out over several maxima.
 *
 * @module
 */

import type { Limits } from "./types.ts";

/**
 * Lowers maxima so that together they stay within `total`, keeping every minimum; an infinite total changes nothing.
 *
 * What the minima leave is handed out evenly, and what one cannot use because it declares a lower maximum goes to the
 * others: 256 pages over one memory of 1 to 16 and one of 1 or more make 16 and 240. The minima must fit. No maximum
 * exceeds `ceiling`, what V8 allows for one.
 */
export function clampMaxima<T extends Limits>(
  declared: readonly T[],
  total: number,
  ceiling: (limits: T) => number,
): T[] {
  const result = [...declared];
  if (total === Infinity) return result;
  let left = total - declared.reduce((sum, { min }) => sum + min, 0);
  const byRoom = declared.map((limits, index) => ({
    limits,
    index,
    room: Math.min(limits.max ?? Infinity, ceiling(limits)) - limits.min,
  })).sort((a, b) => a.room - b.room);
  let sharers = byRoom.length;
  for (const { limits, index, room } of byRoom) {
    const share = Math.min(room, Math.floor(left / sharers--));
    left -= share;
    result[index] = { ...limits, max: limits.min + share };
  }
  return result;
}
