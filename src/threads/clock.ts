/**
 * One clock for all threads: milliseconds since the main thread began.
 *
 * @module
 */

/** Looks at the other clock, of which the quickest is believed. */
const MIN_LOOKS = 5, MAX_LOOKS = 200;
/** A look that takes longer was held up on its way, in milliseconds: another one is worth its while. */
const QUICK_MS = 1;

/**
 * Called on another thread: resolves to a function that tells the main thread's time.
 *
 * What the main thread tells holds for some moment between question and answer: the middle is taken, of the look that took least,
 * and so is wrong by half of that at most. The wall clock is of no use, because it may be set between the start of two threads.
 *
 * @param ask Resolves to the main thread's `performance.now()`. @param now This thread's.
 */
export async function commonClock(
  ask: () => Promise<number>,
  now: () => number = () => performance.now(),
): Promise<() => number> {
  let quickestMs = Infinity;
  let offset = 0;
  for (let looks = 0; looks < MIN_LOOKS || (quickestMs > QUICK_MS && looks < MAX_LOOKS); looks++) {
    const askedAt = now();
    const told = await ask();
    const tookMs = now() - askedAt;
    if (tookMs >= quickestMs) continue;
    quickestMs = tookMs;
    offset = told - (askedAt + tookMs / 2);
  }
  return () => now() + offset;
}
