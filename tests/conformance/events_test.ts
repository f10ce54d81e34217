import { assert, assertEquals } from "@std/assert";
import { putModuleInput } from "../../src/agent/codec/input.ts";
import { ALLOW, ByteWriter, type Decision, type Event, type Head } from "../../src/protocol/mod.ts";
import { Connection } from "../../src/server/connection.ts";
import { blockWith, sessionOptions } from "../unit/server/deciders.ts";
import { FakeSocket } from "../unit/server/fake_socket.ts";
import { type Golden, golden } from "./golden.ts";
import { framesOf, proxyFrames, type Row, ROWS } from "./protocols.ts";
import { faultOf } from "./reply_schema.ts";
import { openSession } from "../../src/server/open_session.ts";

const PONG = 0x42;

function moduleInput(event: Head): unknown {
  const out = new ByteWriter();
  putModuleInput(out, event);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(out.written));
}

/** What an agent with `decide` writes in answer to `frames`, and what it was asked. */
async function converse(frames: readonly Uint8Array[], decide: (event: Event) => Decision = () => ALLOW) {
  const socket = new FakeSocket();
  const events: Event[] = [];
  const inputs: unknown[] = [];
  const { options } = sessionOptions((event) => {
    events.push(event);
    // At once: a head holds only until the next frame is decoded.
    if (event.kind === "request_headers" || event.kind === "response_headers") inputs.push(moduleInput(event));
    return decide(event);
  });
  const run = new Connection(socket, openSession, options).run();
  socket.push(...frames);
  await socket.hangUp();
  await run;
  return { events, inputs, answers: framesOf(socket.written) };
}

/** Names that differ by more than their case. */
const RENAMED: Readonly<Record<string, string>> = {
  total_size: "totalBytes",
  request_body_size: "requestBodyBytes",
  response_body_size: "responseBodyBytes",
};

function camelCase(name: string): string {
  return RENAMED[name] ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What a module gets of a head must be what an independent decoder has read. */
function assertInput(input: unknown, kind: string, payload: unknown): void {
  const { method, uri, headers, metadata, status, correlation_id } = Object(payload);
  const joined = Object.entries<string[]>(headers).filter(([name]) => !name.startsWith(":")).map(
    ([name, values]): [string, string] => [name, values.join(", ")],
  );
  assertEquals(
    input,
    kind === "response_headers" ? { status, correlation_id, headers: Object.fromEntries(joined) } : {
      method,
      uri,
      client_ip: metadata.client_ip.replace(/^([0-9.]+):[0-9]+$/, "$1"),
      correlation_id: metadata.correlation_id,
      headers: Object.fromEntries(joined),
    },
  );
}

/** Every field of the wire that the event has under its own name must be the same there. */
function assertCarries(event: unknown, payload: unknown, path: string): number {
  let compared = 0;
  for (const [name, value] of Object.entries(Object(payload))) {
    const field = camelCase(name);
    if (name === "metadata") {
      compared += assertCarries(Object(event).metadata, value, `${path}.metadata`);
    } else if (field in Object(event)) {
      const own: unknown = Object(event)[field];
      assertEquals(own ?? null, value, `${path}.${name}`);
      compared++;
    }
  }
  return compared;
}

/** Phases that the wire calls otherwise. */
const PHASES_BY_NAME: Readonly<Record<string, string>> = {
  web_socket_frame: "websocket_frame",
  request_body_chunk: "request_body",
  response_body_chunk: "response_body",
};

function kindOf(frame: Golden): string {
  return PHASES_BY_NAME[frame.kind] ?? frame.kind;
}

function correlationIdOf(row: Row, frame: Golden): string {
  const payload = Object(row.payloadOf(frame));
  return payload.metadata?.correlation_id ?? payload.correlation_id ?? "";
}

function payloadOf(row: Row, answer: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(row.payloadBytes(answer.subarray(4))));
}

for (const row of ROWS) {
  const { protocol } = row;
  const beginning = row.beginning("0.6.54");

  for (const frame of proxyFrames(protocol)) {
    switch (frame.kind) {
      case "handshake_request":
        Deno.test(`${protocol}: ${frame.name} is answered with a handshake that proxies accept`, async () => {
          const { events, answers } = await converse([frame.frame]);
          assertEquals([events.length, answers.length], [0, 1]);
          assertEquals(faultOf(protocol, "handshake_response", answers[0]!), undefined);
        });
        break;
      case "ping":
        Deno.test(`${protocol}: ${frame.name} is answered with its own payload`, async () => {
          const { events, answers } = await converse([...beginning, frame.frame]);
          assertEquals([events.length, answers.length], [0, beginning.length + 1]);
          const pong = answers.at(-1)!;
          assertEquals([pong[4], pong.subarray(5)], [PONG, frame.frame.subarray(5)]);
        });
        break;
      case "cancel":
        Deno.test(`${protocol}: ${frame.name} is no event and has no answer`, async () => {
          const { events, answers } = await converse([...beginning, frame.frame]);
          assertEquals([events.length, answers.length], [0, beginning.length]);
        });
        break;
      default:
        Deno.test(`${protocol}: ${frame.name} is decoded whole, and answered so that proxies accept it`, async () => {
          const { events, inputs, answers } = await converse([...beginning, frame.frame]);
          const id = correlationIdOf(row, frame);
          assertEquals(events.map((event) => [event.kind, event.correlationId]), [[kindOf(frame), id]]);
          if (inputs.length > 0) assertInput(inputs[0], frame.kind, row.payloadOf(frame));
          else assert(assertCarries(events[0], row.payloadOf(frame), frame.name) > 0);
          assertEquals(answers.length, beginning.length + 1);
          const answer = answers.at(-1)!;
          assertEquals(faultOf(protocol, "agent_response", answer), undefined);
          const payload = payloadOf(row, answer);
          assertEquals(Object(payload).decision, "allow");
          if (protocol !== "v1") assertEquals(row.idOf(payload), id);
        });
    }
  }

  Deno.test(`${protocol}: a whole conversation is answered event by event, in order`, async () => {
    const frames = golden(protocol, "session").filter(({ fromProxy }) => fromProxy);
    let number = 0;
    const { events, answers } = await converse(
      frames.map(({ frame }) => frame),
      () => blockWith(String(number++)),
    );
    const asked = frames.filter(({ kind }) => !["handshake_request", "ping", "cancel"].includes(kind));
    assertEquals(events.map(({ kind }) => kind), asked.map((frame) => kindOf(frame)));
    const replies = answers.filter((answer) => protocol === "v1" || answer[4] === 0x20);
    assertEquals(replies.length, asked.length);
    for (const [index, reply] of replies.entries()) {
      assertEquals(faultOf(protocol, "agent_response", reply), undefined);
      const payload = payloadOf(row, reply);
      assertEquals(Object(payload).decision.block.body, String(index));
      if (protocol !== "v1") assertEquals(row.idOf(payload), correlationIdOf(row, asked[index]!));
    }
  });

  Deno.test(`${protocol}: the captured frames have every kind of event`, () => {
    const kinds = new Set(proxyFrames(protocol).map(kindOf));
    for (
      const kind of [
        "configure",
        "request_headers",
        "request_body",
        "response_headers",
        "response_body",
        "request_complete",
        "websocket_frame",
        "guardrail_inspect",
      ]
    ) assert(kinds.has(kind), kind);
  });
}
