/**
 * When what is read from a socket had arrived: not when a busy event loop came to read it.
 *
 * Bytes that come in while the event loop does something else wait in their socket, and nothing tells for how long. So work that may take
 * long is noted here, and bytes that are read right after such work count as arrived when it began. Each event loop has a state of its own.
 *
 * @module
 */

import { lastNow, now } from "./time.ts";

/**
 * Work up to this long in all, in milliseconds, is not worth looking at the turn's end for: each such look is one more turn of the event
 * loop. What adds up to it may be of several turns, which dates nothing back by more than this.
 */
const SHORT_MS = 1;
/** A turn of the event loop up to this long, in milliseconds, dates nothing back: a reply has three times as much to spare. */
const LONG_MS = 3;
/** How long after a long turn all that had arrived has been read, in milliseconds, unless the next turn is long too. */
const LINGER_MS = 4;

/** Work noted since the last look at a turn's end, in milliseconds, and until when all work has been noted. */
let worked = 0;
let notedUntil = 0;
/** When the turn that is under way began, as far as its work was noted; Infinity if there was too little. */
let began = Infinity;
/** What is read until `until` is taken to have arrived at `since`. */
let since = 0;
let until = -Infinity;

/** Called when bytes have been read: since when they may have been there. Takes a look at the clock. */
export function arrivalTime(): number {
  const time = now();
  return time > until ? time : Math.min(since, time);
}

/**
 * Notes that the event loop has done nothing but one thing since `from`, until the last look at the clock. What has been noted before
 * counts once.
 */
export function noteWork(from: number): void {
  const time = lastNow();
  // What has been noted before may be a part of this that was not its first.
  worked = Math.max(worked + time - (notedUntil <= time ? Math.max(from, notedUntil) : from), time - from);
  notedUntil = time;
  if (worked <= SHORT_MS) return;
  if (began === Infinity) {
    began = time - worked;
    setImmediate(endTurn);
  } else if (from < began) began = from;
  if (time - began <= LONG_MS) return;
  // What is still to be read in this turn may have come in the long one before it.
  since = began > until ? began : Math.min(since, began);
  until = time + LINGER_MS;
}

/** Says that nobody can have waited for what has been done so far, because no socket was there. */
export function forgetWork(): void {
  worked = 0;
  notedUntil = now();
  began = Infinity;
  until = -Infinity;
}

/** What comes from now on was not there when the turn began. */
function endTurn(): void {
  const time = now();
  if (time - began > LONG_MS) {
    since = began;
    until = time + LINGER_MS;
  }
  began = Infinity;
  worked = 0;
}
