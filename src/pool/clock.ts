/**
 * One clock for all threads: milliseconds since the main thread began.
 *
 * @module
 */

/** What the main thread sends along so that another can find its clock. */
export interface ClockOrigin {
  /** The main thread's `performance.timeOrigin`. */
  readonly timeOrigin: number;
  /** The main thread's `performance.now()` when this was made. */
  readonly sentAt: number;
}

/** Longest way of a message from the main thread, in milliseconds: beyond it the wall clock was set in between. */
const MAX_LATENCY_MS = 250;

/** Called on the main thread. */
export function clockOrigin(): ClockOrigin {
  return { timeOrigin: performance.timeOrigin, sentAt: performance.now() };
}

/**
 * Called on another thread as it receives `origin`: a function that tells the main thread's time.
 *
 * `timeOrigin` is exact unless the wall clock was set between the start of the two threads; then the message's arrival is taken.
 */
export function commonClock(origin: ClockOrigin): () => number {
  const offset = performance.timeOrigin - origin.timeOrigin;
  const latency = performance.now() + offset - origin.sentAt;
  const plausible = latency >= 0 && latency <= MAX_LATENCY_MS;
  const used = plausible ? offset : offset - latency;
  return () => performance.now() + used;
}
