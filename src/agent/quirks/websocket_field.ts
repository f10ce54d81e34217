/**
 * The answer to a WebSocket frame has a field of its own, beside the verdict that all other events are answered by.
 *
 * @module
 */

import { ALLOW, type Decision } from "../../protocol/mod.ts";
import type { Policy } from "../policy.ts";
import { Mended } from "./mended.ts";

/** Made once, so that encoders remember its bytes. */
const ALLOW_FRAME: Decision = { ...ALLOW, websocket: "allow" };

/** Has the answer to each WebSocket frame that the policy allows say so in that field. */
export function answerWebSocketFrames(policy: Policy): Policy {
  return new Mended(policy, "websocket_frame", (decision) => {
    if (decision === ALLOW) return ALLOW_FRAME;
    return decision.verdict.kind === "allow" ? { ...decision, websocket: "allow" } : decision;
  });
}
