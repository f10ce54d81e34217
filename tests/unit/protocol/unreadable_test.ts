import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import type { Event } from "../../../src/protocol/mod.ts";
import { MAX_ID_LENGTH } from "../../../src/protocol/limits.ts";
import { eventOf, V1, V2 } from "./wires.ts";

const encoder = new TextEncoder();

interface Row {
  readonly name: string;
  readonly type: number;
  readonly eventType: string;
  readonly payload: unknown;
}

const HEAD = { method: "GET", uri: "/", headers: {}, metadata: { correlation_id: "c", client_ip: "::1" } };
const COMPLETE = {
  correlation_id: "c",
  status: 200,
  duration_ms: 1,
  request_body_size: 0,
  response_body_size: 0,
  upstream_attempts: 1,
};

function row(name: string, type: number, eventType: string, payload: unknown): Row {
  return { name, type, eventType, payload };
}

const ROWS: readonly Row[] = [
  row("a head without a method", 0x10, "request_headers", { ...HEAD, method: undefined }),
  row("a head with a lone surrogate in a value", 0x10, "request_headers", { ...HEAD, headers: { a: ["\ud800"] } }),
  row("a head with a lone surrogate in a name", 0x10, "request_headers", { ...HEAD, headers: { "\udc00": [] } }),
  row("a head with a port that is text", 0x10, "request_headers", {
    ...HEAD,
    metadata: { ...HEAD.metadata, client_port: "80" },
  }),
  row("a head with its id at the top only", 0x10, "request_headers", { ...HEAD, metadata: {}, correlation_id: "c" }),
  row("a head without metadata", 0x10, "request_headers", { ...HEAD, metadata: null, correlation_id: "c" }),
  row("a response head with a status of 1.5", 0x12, "response_headers", {
    correlation_id: "c",
    status: 1.5,
    headers: {},
  }),
  row("a response head with a header that is no list", 0x12, "response_headers", {
    correlation_id: "c",
    status: 200,
    headers: { a: "b" },
  }),
  row("a chunk with an index of text", 0x13, "response_body_chunk", {
    correlation_id: "c",
    data: "",
    is_last: true,
    chunk_index: "0",
  }),
  row("a chunk without data", 0x11, "request_body_chunk", { correlation_id: "c", is_last: true }),
  ...["status", "duration_ms", "request_body_size", "response_body_size", "upstream_attempts", "error"].map((field) =>
    row(`a complete with a list as ${field}`, 0x14, "request_complete", { ...COMPLETE, [field]: [] })
  ),
  row("a frame with an index below 0", 0x15, "web_socket_frame", {
    correlation_id: "c",
    opcode: "text",
    data: "",
    client_to_server: true,
    frame_index: -1,
    fin: true,
  }),
  row("a guardrail event with categories of numbers", 0x16, "guardrail_inspect", {
    correlation_id: "c",
    inspection_type: "t",
    content: "",
    categories: [1],
  }),
  row("a configure with an agent id of 1", 0x17, "configure", { correlation_id: "c", agent_id: 1, config: {} }),
];

/** The event as both versions carry it. */
function decode({ type, eventType, payload }: Row): readonly [v1: Event, v2: Event] {
  const text = JSON.stringify(payload);
  const message = V2.decode(Uint8Array.of(type, ...encoder.encode(text)));
  const envelope = `{"version":1,"event_type":"${eventType}","payload":${text}}`;
  return [V1.decode(encoder.encode(envelope)), eventOf(message)];
}

for (const each of ROWS) {
  Deno.test(`${each.name} is an event that can be answered, on both versions`, () => {
    const [v1, v2] = decode(each);
    for (const event of [v1, v2]) {
      assertEquals([event.kind, event.correlationId], ["unreadable", "c"]);
      assertEquals(event.kind === "unreadable" && event.error.code, "MESSAGE_BAD_FIELD");
    }
    assertEquals(Reflect.get(v1, "phase"), each.eventType);
  });
}

const NOBODYS = [undefined, null, 1, [], {}, true, "\ud800"];

for (const id of NOBODYS) {
  Deno.test(`an event that cannot be understood and has ${JSON.stringify(id) ?? "no"} as id is an error`, () => {
    for (const each of [ROWS[10]!, ROWS[7]!]) {
      const payload = { ...Object(each.payload), correlation_id: id };
      const error = assertThrows(() => decode({ ...each, payload }), ProtocolError);
      assertEquals(error.code, "MESSAGE_BAD_FIELD");
    }
  });
}

Deno.test("an event that cannot be understood is an error if its id is too long to send back", () => {
  const at = (length: number) => ({ ...COMPLETE, status: [], correlation_id: "x".repeat(length) });
  const [event] = decode({ ...ROWS[10]!, payload: at(MAX_ID_LENGTH) });
  assertEquals([event.kind, event.correlationId.length], ["unreadable", MAX_ID_LENGTH]);
  assertThrows(() => decode({ ...ROWS[10]!, payload: at(MAX_ID_LENGTH + 1) }), ProtocolError);
});

for (const eventType of ["reload", "toString", 7, null, ["request_headers"]]) {
  Deno.test(`V1JsonWire.decode() can answer an event of type ${JSON.stringify(eventType)} that says whose it is`, () => {
    const envelope = { version: 1, event_type: eventType, payload: { correlation_id: "c" } };
    const event = V1.decode(encoder.encode(JSON.stringify(envelope)));
    assertEquals([event.kind, event.correlationId], ["unreadable", "c"]);
    assertEquals(Reflect.get(event, "phase"), typeof eventType === "string" ? eventType : "unknown");
  });
}
