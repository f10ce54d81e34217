/**
 * All steps together: a connection over a socket in memory, with the agent and pool of a real one.
 *
 * @module
 */

import { ModulePolicy } from "../../../src/agent/mod.ts";
import type { GuestModule } from "../../../src/guest/mod.ts";
import type { Pool } from "../../../src/pool/mod.ts";
import { ALLOW } from "../../../src/protocol/mod.ts";
import { Connection } from "../../../src/server/connection.ts";
import type { SessionOptions } from "../../../src/server/mod.ts";
import { PendingEvent } from "../../../src/server/session.ts";
import type { Step } from "./measure.ts";
import { MemorySocket } from "./memory_socket.ts";
import { HANDSHAKE_FRAME, V1_BODY, V1_FRAME, V2_FRAME } from "./request.ts";
import { openSession } from "../../../src/server/open_session.ts";
import { V1 } from "../../unit/protocol/wires.ts";

const V2_BURST = 8;

/** The whole way, frame by frame on v1 and eight at a time on v2. */
export function wholeSteps(module: GuestModule, pool: Pool): readonly Step[] {
  const agent = new ModulePolicy({
    module,
    pool,
    failMode: "closed",
    observer: {
      failed({ error }) {
        throw error;
      },
    },
  });
  const options: SessionOptions = {
    identity: { agentId: "bench", name: "bench", version: "0", events: ["request_headers"], maxConcurrency: 1 },
    decide: (event, arrival) => agent.decide(event, arrival),
    lateAfterMs: Infinity,
    observer: {},
  };
  const serve = async (socket: MemorySocket, decide = options.decide) => {
    await new Connection(socket, openSession, { ...options, decide }).run();
    if (socket.written === 0) throw new Error("the connection has answered nothing");
  };
  const nothing = new Uint8Array(0);
  return [
    {
      name: "agent: input, pool, guest, result",
      run(count) {
        const event = V1.decode(V1_BODY);
        for (let index = 0; index < count; index++) agent.decide(event, new PendingEvent("v1", performance.now()));
      },
    },
    {
      name: "connection alone, v1, a frame a read",
      run: (count) => serve(new MemorySocket(nothing, V1_FRAME, 1, count), () => ALLOW),
    },
    { name: "all, v1, a frame a read", run: (count) => serve(new MemorySocket(nothing, V1_FRAME, 1, count)) },
    {
      name: `all, v2, ${V2_BURST} frames a read`,
      run: (count) => serve(new MemorySocket(HANDSHAKE_FRAME, V2_FRAME, V2_BURST, count)),
    },
  ];
}
