/**
 * What proxies need in an answer beyond what was decided. Each quirk has a file, which is named after its reason and can go with it.
 *
 * @module
 */

import type { Policy } from "../policy.ts";
import { giveChunksBack } from "./lost_chunk.ts";
import { answerWebSocketFrames } from "./websocket_field.ts";

/** A policy that decides as `policy` does, in the words that all proxies understand. */
export function withQuirks(policy: Policy): Policy {
  return answerWebSocketFrames(giveChunksBack(policy));
}
