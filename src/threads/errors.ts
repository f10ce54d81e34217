/**
 * Errors on their way from one thread to another: structured clone and shared memory know no classes of ours.
 *
 * @module
 */

import { AgentError, type ErrorCode, errorOf } from "../errors.ts";

/** What crosses in an error's place. Survives structured clone and JSON. */
export interface ErrorRecord {
  /** Where it is one of {@linkcode AgentError}. */
  readonly code?: ErrorCode;
  /** The error's; of a fault of this program with the error's own name before it. */
  readonly message: string;
  /** Of a fault of this program only, because that is where it has to be looked for. */
  readonly stack?: string;
  /** Where in a module's code it happened, where that is known. */
  readonly trace?: readonly string[];
  /** The error's cause, if it has one. */
  readonly cause?: ErrorRecord;
}

/** Most causes behind an error that cross with it: an error may be its own cause. */
export const MAX_CAUSES = 8;

/** What to send in the error's place; `thrown` may be anything. */
export function recordOf(thrown: unknown, causes: number = MAX_CAUSES): ErrorRecord {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { message, stack } = thrown;
  const cause = thrown.cause === undefined || causes === 0 ? undefined : recordOf(thrown.cause, causes - 1);
  if (thrown instanceof AgentError) {
    const { code, trace } = thrown;
    return trace.length === 0 ? { code, message, cause } : { code, message, trace, cause };
  }
  // As text, because the other thread makes a plain Error of it: the name tells a TypeError from a RangeError.
  return { message: String(thrown), stack, cause };
}

/** The error that {@linkcode recordOf} was given: of its code's class, or a plain `Error` for a fault of this program. */
export function errorFrom({ code, message, stack, trace, cause }: ErrorRecord): Error {
  const options = cause === undefined ? { trace } : { trace, cause: errorFrom(cause) };
  if (code !== undefined) return errorOf(code, message, options);
  const error = new Error(message, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}
