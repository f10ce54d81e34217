/**
 * What a guest threw, as an error of this program.
 *
 * @module
 */

import { GuestError } from "../errors.ts";

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
