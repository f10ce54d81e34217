/**
 * A call on its way through a pool: how long it may wait, and when it is too late to begin.
 *
 * @module
 */

import { PoolError } from "../errors.ts";
import type { GuestCall } from "../guest/mod.ts";
import { now } from "../time.ts";
import type { AcquireOptions } from "./semaphore.ts";

/** A call with a way to give up waiting for it. */
export interface PoolCall extends GuestCall {
  /** Any whole number; calls of one cohort are taken to last alike. */
  readonly cohort: number;
  /** Asked for its signal only if the call has to wait. */
  readonly cancellation?: { readonly signal: AbortSignal };
}

/**
 * How long after its deadline a call may still begin if it has waited behind others, in milliseconds. A reply may leave up to 10 ms after
 * its event's deadline, and the usual call takes microseconds.
 */
const MAX_LATE_MS = 7;
/** How long a call may take that begins so late, in milliseconds: what is left of those 10 is for its end and the reply. */
export const LATE_CALL_MS = 2;
/** How long after its deadline a call still waits for its turn. If none comes, the fail mode's reply has to leave in time. */
const MAX_LATE_WAIT_MS = 3;

/** The same call for longer than this turn: its input is copied, because the next call uses the same buffer. */
export function keep(call: PoolCall): PoolCall {
  return { ...call, input: call.input.slice() };
}

/** How long it may wait from now on. */
export function waitingFor(call: PoolCall): AcquireOptions {
  return { timeoutMs: call.deadline + MAX_LATE_WAIT_MS - now(), signal: call.cancellation?.signal };
}

/** Why the call must not begin at `time` any more, or undefined if it may. */
export function tooLateAt(time: number, call: PoolCall): PoolError | undefined {
  if (time < call.deadline + MAX_LATE_MS) return undefined;
  return new PoolError(
    "POOL_WAIT_TIMEOUT",
    "Cannot make call as its deadline (--timeout-ms) must be ahead: received a past one",
  );
}

/** True for the error of a call that has waited for too long. */
export function isWaitTimeout(error: unknown): boolean {
  return error instanceof PoolError && error.code === "POOL_WAIT_TIMEOUT";
}
