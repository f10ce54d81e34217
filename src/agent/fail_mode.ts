/**
 * What is decided when a module could not decide.
 *
 * @module
 */

import type { Decision } from "../protocol/mod.ts";

/** Fail closed blocks, fail open allows. */
export type FailMode = "closed" | "open";

const FAILED_STATUS = 500;

/** The decisions of a fail mode, by cause: an error of the module, or too much work. */
export function failureDecisions(mode: FailMode): { readonly error: Decision; readonly overload: Decision } {
  return { error: failure(mode, ["wasm-error"]), overload: failure(mode, ["wasm-error", "overload"]) };
}

function failure(mode: FailMode, causes: readonly string[]): Decision {
  return {
    verdict: mode === "open"
      ? { kind: "allow" }
      : { kind: "block", status: FAILED_STATUS, body: "Internal Server Error" },
    requestHeaders: [],
    responseHeaders: [],
    tags: mode === "open" ? [...causes, "fail-open"] : causes,
  };
}
