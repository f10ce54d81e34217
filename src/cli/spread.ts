/**
 * How measured times are spread: shares of them, and a histogram that is drawn with letters.
 *
 * @module
 */

/** The value that a share of all is at most: 0.5 for the median. @param sorted Ascending, at least one. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const index = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.max(0, Math.min(index, sorted.length - 1))] ?? 0;
}

/** Times between two bounds. */
export interface Bucket {
  /** The last one's is the longest time of all. */
  readonly toMs: number;
  readonly count: number;
}

const BUCKETS = 10;

/** Times in buckets that grow evenly from the shortest to p99; what is longer is in one more. @param sorted Ascending, at least one. */
export function buckets(sorted: ArrayLike<number>): readonly Bucket[] {
  const [first, last] = [quantile(sorted, 0), quantile(sorted, 1)];
  const usual = quantile(sorted, 0.99);
  const growth = Math.max(first, 1e-6);
  const bounds = Array.from({ length: BUCKETS }, (_, index) => growth * (usual / growth) ** ((index + 1) / BUCKETS));
  bounds[BUCKETS - 1] = usual;
  if (last > usual) bounds.push(last);
  const found: Bucket[] = [];
  let at = 0;
  for (const toMs of bounds) {
    const from = at;
    while (at < sorted.length && (sorted[at] ?? 0) <= toMs) at++;
    // A bound that is no further than the one before has nothing of its own.
    if (toMs > (found.at(-1)?.toMs ?? -1)) found.push({ toMs, count: at - from });
  }
  return found;
}

/** Eighths of a character, none first. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const FULL = "█";

/** A bar for a share of the longest one; anything but nothing is seen. */
export function bar(share: number, columns: number): string {
  const eighths = share <= 0 ? 0 : Math.max(1, Math.round(share * columns * 8));
  return FULL.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}
