/**
 * Chooses what a connection speaks, once its first bytes have come.
 *
 * @module
 */

import { detectProtocol, OLD_RELEASE, V1JsonWire, v2JsonWire } from "../protocol/mod.ts";
import { ConcurrentSession } from "./concurrent.ts";
import { InTurnSession } from "./in_turn.ts";
import type { OpenSession } from "./session.ts";

/** One for all connections, so that each profits from the decisions whose bytes it remembers. */
const V1 = new V1JsonWire();

/** Opens the conversation of a proxy that has connected: it shows by its first byte which version it speaks. */
export const openSession: OpenSession = (firstBodyByte, options, outbox) => {
  if (detectProtocol(firstBodyByte) === 1) return new InTurnSession(V1, options, outbox);
  // Which release it is comes with the handshake, and decides which wire follows.
  return new ConcurrentSession(v2JsonWire(OLD_RELEASE), options, outbox);
};
