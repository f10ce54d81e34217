/**
 * The process' monotonic clock. A look at it takes 80 ns, which counts on the way of a request. So code that needs no better takes the
 * time of the last look, from {@linkcode lastNow}.
 *
 * @module
 */

let last = performance.now();

/** Milliseconds since the process began, as `performance.now()` tells them. */
export function now(): number {
  return last = performance.now();
}

/** What {@linkcode now} told last: close enough behind a look in the same turn of the event loop. */
export function lastNow(): number {
  return last;
}
