/**
 * What a guest threw, as an error of this program.
 *
 * @module
 */

import { GuestError } from "../errors.ts";

/** What is known of a failed call besides its error. */
export interface Circumstances {
  /** Where in the module's code it was, innermost first. */
  readonly trace: readonly string[];
  /** What the guest said last. */
  readonly said: string | undefined;
}

/** Functions with which a language's runtime gives up. The function that called them is at fault. */
const RUNTIME =
  /^(rust_|__rust|_?_?abort\b|__assert_fail|__stack_chk_fail|__cxa_throw|exit |_Exit |raise |(std|core)::(panicking|sys_common|sys|option|result|slice|str|process)\b|alloc::(alloc|raw_vec)::|runtime\.|sentinel\.fail |debug\.|builtin\.|~lib\/)/;

/** The same error, told with where it happened and what the guest said before. */
export function withCircumstances(error: GuestError, { trace, said }: Circumstances): GuestError {
  const place = trace.find((frame) => !RUNTIME.test(frame)) ?? trace[0];
  if (place === undefined && said === undefined) return error;
  const where = place === undefined ? "" : ` in ${place}`;
  const saying = said === undefined ? "" : `, after it had printed "${said}"`;
  const message = `${error.message}${where}${saying}`;
  return new GuestError(error.code, message, { cause: error.cause ?? error, trace });
}

/**
 * A call or a start has not come to its end in time.
 *
 * @param what Which call it was.
 * @param limit Until when it had to end, and which option says so.
 */
export function overran(what: string, limit: string, received = "no result"): GuestError {
  return new GuestError(
    "GUEST_DEADLINE",
    `Cannot finish "${what}" as it must end within ${limit}: received ${received}`,
  );
}

/** What an event's call may take, in words. */
export function eventLimit(timeoutMs: number): string {
  return `${timeoutMs} ms (--timeout-ms) of its event`;
}

/** What a start may take, in words. */
export function startLimit(startTimeoutMs: number): string {
  return `${startTimeoutMs} ms (--start-timeout-ms)`;
}

/** @param what Which call it was. */
export function explainFailure(what: string, cause: unknown): GuestError {
  if (cause instanceof GuestError) return cause;
  const received = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof WebAssembly.RuntimeError) {
    return new GuestError(
      "GUEST_TRAPPED",
      `Cannot finish "${what}" as the guest must not trap: received "${received}"`,
      { cause },
    );
  }
  if (cause instanceof RangeError) {
    return new GuestError(
      "GUEST_STACK_OVERFLOW",
      `Cannot finish "${what}" as the guest must not overflow the stack: received "${received}"`,
      {
        cause,
      },
    );
  }
  if (Object.prototype.toString.call(cause) === "[object WebAssembly.Exception]") {
    return new GuestError(
      "GUEST_THREW",
      `Cannot finish "${what}" as the guest must catch its exceptions: received an uncaught one`,
    );
  }
  return new GuestError("GUEST_FAILED", `Cannot finish "${what}" as the guest must run: received "${received}"`, {
    cause,
  });
}
