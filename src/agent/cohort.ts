/**
 * Which calls are taken to last alike: those of one handler for one path, or for one status.
 *
 * @module
 */

import type { Head } from "../protocol/mod.ts";

/** A whole number, the same for calls of the same cohort. */
export function cohortOf(head: Head): number {
  return head.kind === "request_headers" ? head.pathHash() : head.status;
}
