/**
 * What is decided when a module could not decide.
 *
 * @module
 */

import type { Decision } from "../protocol/mod.ts";

/** Fail closed blocks, fail open allows. */
export type FailMode = "closed" | "open";

const FAILED_STATUS = 500;

/** The decisions of a fail mode, by cause. */
export interface FailureDecisions {
  /** An error of the module. */
  readonly error: Decision;
  /** Too much work. */
  readonly overload: Decision;
  /** An event that cannot be understood. */
  readonly unreadable: Decision;
}

/** The decisions of a fail mode. */
export function failureDecisions(mode: FailMode): FailureDecisions {
  return {
    error: failure(mode, ["wasm-error"]),
    overload: failure(mode, ["wasm-error", "overload"]),
    unreadable: failure(mode, ["wasm-error", "unreadable"]),
  };
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
