import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../../src/errors.ts";
import { encodeHandshakeResponse, handshakeRefusal } from "../../../../src/protocol/mod.ts";
import { decodeHandshake } from "../../../../src/protocol/v2/handshake.ts";

const FULL = {
  supported_versions: [1, 2],
  proxy_id: "zentinel-proxy",
  proxy_version: "0.6.54",
  config: { module: "waf.wasm" },
  supported_encodings: ["msgpack", "json"],
};

Deno.test("decodeHandshake() reads every field", () => {
  assertEquals(decodeHandshake(FULL), {
    supportedVersions: [1, 2],
    proxyId: "zentinel-proxy",
    proxyVersion: "0.6.54",
    supportedEncodings: ["msgpack", "json"],
    config: { module: "waf.wasm" },
  });
});

Deno.test("decodeHandshake() takes a handshake with versions alone for JSON of an unknown proxy", () => {
  assertEquals(decodeHandshake({ supported_versions: [2] }), {
    supportedVersions: [2],
    proxyId: "",
    proxyVersion: "",
    supportedEncodings: ["json"],
    config: null,
  });
});

const BAD = [
  { name: "no versions", fields: {} },
  { name: "versions null", fields: { supported_versions: null } },
  { name: "a version alone", fields: { supported_versions: 2 } },
  { name: "versions as strings", fields: { supported_versions: ["2"] } },
  { name: "a number as proxy_id", fields: { supported_versions: [2], proxy_id: 1 } },
  { name: "a list as proxy_version", fields: { supported_versions: [2], proxy_version: ["0.6.54"] } },
  { name: "an encoding alone", fields: { supported_versions: [2], supported_encodings: "json" } },
  { name: "encodings as numbers", fields: { supported_versions: [2], supported_encodings: [1] } },
  { name: "encodings null", fields: { supported_versions: [2], supported_encodings: null } },
];

for (const { name, fields } of BAD) {
  Deno.test(`decodeHandshake() refuses ${name}`, () => {
    assertEquals(assertThrows(() => decodeHandshake(fields), ProtocolError).code, "MESSAGE_BAD_FIELD");
  });
}

const REFUSALS = [
  { name: "version 2 and JSON", fields: {}, refused: undefined },
  { name: "a list of encodings that is empty", fields: { supported_encodings: [] }, refused: undefined },
  { name: "MessagePack before JSON", fields: { supported_encodings: ["msgpack", "json"] }, refused: undefined },
  { name: "version 1 alone", fields: { supported_versions: [1] }, refused: "[1]" },
  { name: "no version at all", fields: { supported_versions: [] }, refused: "[]" },
  { name: "version 3 alone", fields: { supported_versions: [3] }, refused: "[3]" },
  { name: "MessagePack alone", fields: { supported_encodings: ["msgpack"] }, refused: '["msgpack"]' },
];

for (const { name, fields, refused } of REFUSALS) {
  Deno.test(`handshakeRefusal() ${refused === undefined ? "accepts" : "refuses"} ${name}`, () => {
    const refusal = handshakeRefusal(decodeHandshake({ supported_versions: [2], ...fields }));
    if (refused === undefined) assertEquals(refusal, undefined);
    else assertStringIncludes(refusal ?? "", `received ${refused}`);
  });
}

const IDENTITY = {
  agentId: "id",
  name: "name",
  version: "1.2.3",
  events: ["request_headers", "response_headers"],
  maxConcurrency: 1028,
} as const;

function response(identity: Parameters<typeof encodeHandshakeResponse>[0], refusal?: string): unknown {
  return JSON.parse(new TextDecoder().decode(encodeHandshakeResponse(identity, refusal)));
}

Deno.test("encodeHandshakeResponse() has every field a proxy requires", () => {
  assertEquals(response(IDENTITY), {
    protocol_version: 2,
    capabilities: {
      agent_id: "id",
      name: "name",
      version: "1.2.3",
      supported_events: [1, 3],
      features: {
        streaming_body: false,
        websocket: false,
        guardrails: false,
        config_push: false,
        metrics_export: false,
        concurrent_requests: 1028,
        cancellation: true,
        flow_control: false,
        health_reporting: false,
      },
      limits: { max_body_size: 0, max_concurrency: 1028, preferred_chunk_size: 65536 },
    },
    success: true,
    error: null,
    encoding: "json",
  });
});

const EVENTS = [
  { events: ["request_headers"], numbers: "[1]" },
  { events: ["response_headers"], numbers: "[3]" },
  { events: [], numbers: "[]" },
] as const;

for (const { events, numbers } of EVENTS) {
  Deno.test(`encodeHandshakeResponse() asks for events ${numbers} for [${events.join()}]`, () => {
    const text = new TextDecoder().decode(encodeHandshakeResponse({ ...IDENTITY, events }, undefined));
    assert(text.includes(`"supported_events":${numbers},`), text);
  });
}

Deno.test("encodeHandshakeResponse() says why it refuses", () => {
  const text = new TextDecoder().decode(encodeHandshakeResponse(IDENTITY, 'not "you"'));
  assertStringIncludes(text, '"success":false,"error":"not \\"you\\"","encoding":"json"');
});
