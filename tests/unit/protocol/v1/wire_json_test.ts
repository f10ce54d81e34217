import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../../src/errors.ts";
import { V1 } from "../wires.ts";

function decode(envelope: unknown) {
  return V1.decode(new TextEncoder().encode(JSON.stringify(envelope)));
}

const CHUNK = { correlation_id: "c", data: "", is_last: true };
const KINDS = [
  { type: "configure", kind: "configure", payload: { agent_id: "a", config: {} } },
  {
    type: "request_headers",
    kind: "request_headers",
    payload: { method: "GET", uri: "/", headers: {}, metadata: { correlation_id: "c", client_ip: "::1" } },
  },
  { type: "request_body_chunk", kind: "request_body", payload: CHUNK },
  { type: "response_headers", kind: "response_headers", payload: { correlation_id: "c", status: 200, headers: {} } },
  { type: "response_body_chunk", kind: "response_body", payload: CHUNK },
  {
    type: "request_complete",
    kind: "request_complete",
    payload: {
      correlation_id: "c",
      status: 200,
      duration_ms: 1,
      request_body_size: 0,
      response_body_size: 0,
      upstream_attempts: 1,
    },
  },
  ...["web_socket_frame", "websocket_frame"].map((type) => ({
    type,
    kind: "websocket_frame",
    payload: { correlation_id: "c", opcode: "text", data: "", client_to_server: true, frame_index: 0, fin: true },
  })),
  {
    type: "guardrail_inspect",
    kind: "guardrail_inspect",
    payload: { correlation_id: "c", inspection_type: "t", content: "" },
  },
];

for (const { type, kind, payload } of KINDS) {
  Deno.test(`V1JsonWire.decode() takes event_type "${type}" for ${kind}`, () => {
    assertEquals<string>(decode({ version: 1, event_type: type, payload }).kind, kind);
  });

  Deno.test(`V1JsonWire.decode() refuses "${type}" without a payload`, () => {
    const error = assertThrows(() => decode({ version: 1, event_type: type }), ProtocolError, "'payload'");
    assertEquals(error.code, "MESSAGE_BAD_FIELD");
  });
}

const CONFIGURE = { event_type: "configure", payload: {} };
const BAD = [
  { name: "version 2", envelope: { version: 2, ...CONFIGURE }, code: "MESSAGE_UNKNOWN_VERSION" },
  { name: "version 0", envelope: { version: 0, ...CONFIGURE }, code: "MESSAGE_UNKNOWN_VERSION" },
  { name: "a version in a string", envelope: { version: "1", ...CONFIGURE }, code: "MESSAGE_UNKNOWN_VERSION" },
  { name: "no version", envelope: CONFIGURE, code: "MESSAGE_UNKNOWN_VERSION" },
  { name: "no event type", envelope: { version: 1, payload: {} }, code: "MESSAGE_BAD_FIELD" },
  { name: "a number as event type", envelope: { version: 1, event_type: 1, payload: {} }, code: "MESSAGE_BAD_FIELD" },
  { name: "a list", envelope: [1], code: "MESSAGE_BAD_FIELD" },
  { name: "null", envelope: null, code: "MESSAGE_BAD_FIELD" },
  ...["Configure", "request-headers", "", "toString", "__proto__", "constructor"].map((type) => ({
    name: `event type "${type}"`,
    envelope: { version: 1, event_type: type, payload: {} },
    code: "MESSAGE_UNKNOWN_KIND",
  })),
];

for (const { name, envelope, code } of BAD) {
  Deno.test(`V1JsonWire.decode() refuses ${name}`, () => {
    assertEquals(assertThrows(() => decode(envelope), ProtocolError).code, code);
  });
}

Deno.test("V1JsonWire.decode() refuses bytes that are no JSON", () => {
  const error = assertThrows(() => V1.decode(new TextEncoder().encode('{"version":1,')), ProtocolError);
  assertEquals(error.code, "MESSAGE_NOT_JSON");
});
