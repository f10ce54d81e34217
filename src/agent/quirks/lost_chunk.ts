/**
 * Proxies up to 0.6.50 lose a chunk of a response body unless the answer gives it back. Newer ones take it back as it was.
 *
 * @module
 */

import type { Policy } from "../policy.ts";
import { Mended } from "./mended.ts";

/** Has the answer to each chunk of a response body carry a body: the chunk as it came, where the policy has not put another. */
export function giveChunksBack(policy: Policy): Policy {
  return new Mended(policy, "response_body", (decision, event) => {
    if (event.kind !== "response_body" || decision.responseBody !== undefined) return decision;
    return { ...decision, responseBody: { data: event.data, chunkIndex: event.chunkIndex } };
  });
}
