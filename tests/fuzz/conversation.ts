/**
 * A conversation with a hostile proxy, and what must hold for whatever the agent wrote.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { FrameError, ProtocolError } from "../../src/errors.ts";
import type { Decision } from "../../src/protocol/mod.ts";
import { Connection } from "../../src/server/connection.ts";
import { faultOf } from "../conformance/reply_schema.ts";
import { framesOf } from "../conformance/protocols.ts";
import { blockWith, sessionOptions } from "../unit/server/deciders.ts";
import { FakeSocket, settle } from "../unit/server/fake_socket.ts";
import { openSession } from "../../src/server/open_session.ts";

/** When an event is decided: at once, soon, or after a while. */
export type Tempo = "at once" | "soon" | "later";

const HANDSHAKE_RESPONSE = 0x02, AGENT_RESPONSE = 0x20, PONG = 0x42;
const REFUSAL = "handshake.success: not true, so the connection is given up";

/**
 * Sends `pieces` to a connection whose decider blocks each event with its own id as body, and checks the outcome: the connection
 * ends by itself or at the proxy's end, only with an error that names the proxy's fault; every answer is whole, acceptable to a proxy,
 * and belongs to an event that was asked about, once.
 */
export async function converse(pieces: readonly Uint8Array[], tempos: readonly Tempo[]): Promise<void> {
  const socket = new FakeSocket();
  const asked: string[] = [];
  const { options } = sessionOptions((event) => {
    const decision = blockWith(event.correlationId);
    const tempo = tempos[asked.length % Math.max(1, tempos.length)] ?? "at once";
    asked.push(event.correlationId);
    if (tempo === "at once") return decision;
    if (tempo === "soon") return Promise.resolve(decision);
    return new Promise<Decision>((resolve) => setTimeout(() => resolve(decision), 0));
  });
  const ended = new Connection(socket, openSession, options).run().then(() => undefined, (error: unknown) => error);
  socket.push(...pieces);
  await socket.hangUp();
  const error = await ended;
  // What is still being decided must not disturb a connection that is gone.
  await settle();
  assert(error === undefined || error instanceof FrameError || error instanceof ProtocolError, String(error));
  assert(socket.closed);
  checkAnswers(socket.written, asked);
}

function checkAnswers(written: Uint8Array, asked: readonly string[]): void {
  const open = [...asked];
  const frames = framesOf(written);
  const v1 = frames[0]?.[4] === 0x7b;
  for (const frame of frames) {
    if (!v1 && frame[4] === PONG) continue;
    if (!v1 && frame[4] === HANDSHAKE_RESPONSE) {
      const fault = faultOf("v2-json", "handshake_response", frame);
      assert(fault === undefined || fault === REFUSAL, fault);
      continue;
    }
    if (!v1) assertEquals(frame[4], AGENT_RESPONSE);
    assertEquals(faultOf(v1 ? "v1" : "v2-json", "agent_response", frame), undefined);
    const reply = JSON.parse(new TextDecoder().decode(frame.subarray(v1 ? 4 : 5)));
    const { body } = reply.decision.block;
    if (v1) assertEquals(body, open.shift());
    else {
      assertEquals(reply.audit.custom.correlation_id, body);
      const at = open.indexOf(body);
      assert(at >= 0, `answered more often than asked: ${JSON.stringify(body)}`);
      open.splice(at, 1);
    }
  }
}
