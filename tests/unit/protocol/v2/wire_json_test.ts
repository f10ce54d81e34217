import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../../src/errors.ts";
import type { Message } from "../../../../src/protocol/mod.ts";
import { eventOf, V2 } from "../wires.ts";

function bodyOf(type: number, payload: string): Uint8Array {
  return Uint8Array.of(type, ...new TextEncoder().encode(payload));
}

function decode(type: number, payload: unknown): Message {
  return V2.decode(bodyOf(type, JSON.stringify(payload)));
}

const CHUNK = { correlation_id: "c", data: "", is_last: true };
const EVENTS = [
  {
    type: 0x10,
    kind: "request_headers",
    payload: {
      correlation_id: "top",
      method: "GET",
      uri: "/",
      headers: {},
      metadata: { correlation_id: "c", client_ip: "::1" },
    },
  },
  { type: 0x11, kind: "request_body", payload: CHUNK },
  { type: 0x12, kind: "response_headers", payload: { correlation_id: "c", status: 200, headers: {} } },
  { type: 0x13, kind: "response_body", payload: CHUNK },
  {
    type: 0x14,
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
  {
    type: 0x15,
    kind: "websocket_frame",
    payload: { correlation_id: "c", opcode: "text", data: "", client_to_server: true, frame_index: 0, fin: true },
  },
  { type: 0x16, kind: "guardrail_inspect", payload: { correlation_id: "c", inspection_type: "t", content: "" } },
  { type: 0x17, kind: "configure", payload: { correlation_id: "c", config: {} } },
];

for (const { type, kind, payload } of EVENTS) {
  const name = type.toString(16);
  Deno.test(`V2JsonWire.decode() takes type ${name} for ${kind}`, () => {
    const message = decode(type, payload);
    assertEquals<unknown>([message.kind, eventOf(message).correlationId], [kind, "c"]);
  });

  Deno.test(`V2JsonWire.decode() refuses type ${name} with a payload that is no JSON`, () => {
    for (const text of ["", "{", "hello"]) {
      assertEquals(
        assertThrows(() => V2.decode(bodyOf(type, text)), ProtocolError).code,
        "MESSAGE_NOT_JSON",
      );
    }
  });
}

const BARE = [["x"], "text", 7, true, null];

for (const config of BARE) {
  Deno.test(`V2JsonWire.decode() takes a configure with ${JSON.stringify(config)} in place of an object`, () => {
    assertEquals(decode(0x17, config), {
      kind: "configure",
      correlationId: "",
      agentId: undefined,
      config,
    });
  });
}

Deno.test("V2JsonWire.decode() reads a handshake", () => {
  const message = decode(0x01, { supported_versions: [2], proxy_id: "p", proxy_version: "0.6.45" });
  assertEquals(message, {
    kind: "handshake",
    handshake: {
      supportedVersions: [2],
      proxyId: "p",
      proxyVersion: "0.6.45",
      supportedEncodings: ["json"],
      config: null,
    },
  });
});

Deno.test("V2JsonWire.decode() reads the id of a cancel", () => {
  assertEquals(decode(0x40, { correlation_id: "c", reason: 1 }), { kind: "cancel", correlationId: "c" });
});

for (const payload of [{}, { correlation_id: 1 }, [], null]) {
  Deno.test(`V2JsonWire.decode() refuses a cancel with ${JSON.stringify(payload)}`, () => {
    assertEquals(assertThrows(() => decode(0x40, payload), ProtocolError).code, "MESSAGE_BAD_FIELD");
  });
}

for (const payload of ["", "{}", "not json", "\u0000\u00ff"]) {
  Deno.test(`V2JsonWire.decode() hands over a ping's payload as it is: ${JSON.stringify(payload)}`, () => {
    const body = bodyOf(0x41, payload);
    const message = V2.decode(body);
    assertEquals<unknown>(message, { kind: "ping", payload: body.subarray(1) });
  });
}

for (const type of [0x33, 0x42]) {
  Deno.test(`V2JsonWire.decode() ignores type ${type.toString(16)}, whatever its payload`, () => {
    for (const payload of ["", "{}", "not json"]) {
      assertEquals(V2.decode(bodyOf(type, payload)), { kind: "ignored" });
    }
  });
}

Deno.test("V2JsonWire.decode() refuses every type byte that no proxy sends", () => {
  const known = new Set([0x01, ...EVENTS.map(({ type }) => type), 0x33, 0x40, 0x41, 0x42]);
  assertEquals(known.size, 13);
  for (let type = 0; type < 256; type++) {
    if (known.has(type)) continue;
    const shown = type.toString(16).padStart(2, "0");
    const error = assertThrows(() => V2.decode(bodyOf(type, "{}")), ProtocolError, `received ${shown}`);
    assertEquals(error.code, "MESSAGE_UNKNOWN_KIND");
  }
});
