/**
 * Rehearses, serves connections one after the other, and prints how many bytes of each are left in the heap when only its young part is collected.
 * Needs V8's flag `--expose-gc`.
 *
 * @module
 */

import { ALLOW, encodeFrame } from "../../../src/protocol/mod.ts";
import type { Socket } from "../../../src/server/connection.ts";
import { NEVER } from "../../../src/server/listener.ts";
import { makeUpPeers } from "../../../src/server/made_up_events.ts";
import { Server } from "../../../src/server/server.ts";
import { warmUp } from "../../../src/server/warm_up.ts";
import { sessionOptions } from "./deciders.ts";

const CONNECTIONS = 5_000;
/** As many are made before the young part of the heap is collected. */
const TOGETHER = 50;

const FRAME = encodeFrame(new TextEncoder().encode(JSON.stringify({
  version: 1,
  event_type: "response_headers",
  payload: { correlation_id: "a", status: 200, headers: {} },
})));

/** Sends one event in two pieces, as sentinel does, and ends. */
function socket(): Socket {
  const pieces = [FRAME.subarray(0, 4), FRAME.subarray(4)];
  return {
    read(target) {
      const piece = pieces.shift();
      if (piece !== undefined) target.set(piece);
      return Promise.resolve(piece?.length ?? null);
    },
    write: (bytes) => Promise.resolve(bytes.length),
    close: () => {},
  };
}

function collect(type: "major" | "minor"): void {
  const gc: unknown = Reflect.get(globalThis, "gc");
  if (typeof gc !== "function") throw new Error("run with --v8-flags=--expose-gc");
  gc({ type });
}

const { options } = sessionOptions(() => ALLOW);
const peers = makeUpPeers();
await warmUp([options], { peers, connections: 2 });
await warmUp([options], { peers, connections: 30, gently: true });
let accepted = 0;
let before = 0;
const served = Promise.withResolvers<void>();
const server = new Server({
  session: options,
  listener: {
    async accept() {
      if (accepted === 2 * CONNECTIONS) {
        served.resolve();
        return await NEVER;
      }
      accepted++;
      if (accepted % TOGETHER === 0) collect("minor");
      if (accepted === CONNECTIONS) {
        collect("major");
        before = Deno.memoryUsage().heapUsed;
      }
      return socket();
    },
  },
});
const running = server.run();
await Promise.race([served.promise, running]);
for (let round = 0; round < 2; round++) collect("minor");
console.log(Math.round((Deno.memoryUsage().heapUsed - before) / CONNECTIONS));
Deno.exit(0);
