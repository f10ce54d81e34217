/**
 * Counts how often something took how long.
 *
 * @module
 */

/** Upper bounds of the buckets in milliseconds, from 10 us to 1 s. */
export const BOUNDS_MS: readonly number[] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
  .flatMap((decade) => [1, 2.5, 5].map((step) => Number((step * decade * 1000).toPrecision(2)))).concat(1000);

/** Counts of each bucket, the last of which has no bound. */
export class Histogram {
  readonly #counts = new Float64Array(BOUNDS_MS.length + 1);
  #sumMs = 0;

  /** Counts one more. */
  observe(ms: number): void {
    let bucket = 0;
    // The search is linear, because most values are in one of the first buckets.
    while (bucket < BOUNDS_MS.length && ms > BOUNDS_MS[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sumMs += ms;
  }

  /** Counts so far, each without those of the buckets before. */
  get counts(): readonly number[] {
    return [...this.#counts];
  }

  /** Sum of all that was observed, in milliseconds. */
  get sumMs(): number {
    return this.#sumMs;
  }
}

/** Adds the counts of one histogram to those of another. */
export function addCounts(to: readonly number[], more: readonly number[]): readonly number[] {
  return BOUNDS_MS.concat(Infinity).map((_, index) => (to[index] ?? 0) + (more[index] ?? 0));
}

/**
 * About how long the given share of all took at most, in milliseconds: within a bucket all are taken to be spread evenly. Undefined
 * where there were none; what is beyond the last bound counts as that bound.
 */
export function quantileMs(counts: readonly number[], share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let before = 0;
  for (const [bucket, count] of counts.entries()) {
    const wanted = share * total - before;
    if (count > 0 && wanted <= count) {
      const low = bucket === 0 ? 0 : BOUNDS_MS[bucket - 1]!;
      const high = BOUNDS_MS[bucket] ?? low;
      return low + (high - low) * Math.max(0, wanted / count);
    }
    before += count;
  }
  return BOUNDS_MS.at(-1);
}
