import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import type { Phase } from "../../../src/phase.ts";
import { MAX_HEADERS, MAX_ID_LENGTH } from "../../../src/protocol/limits.ts";
import { DecodedHead } from "../../../src/protocol/mod.ts";
import { decodePayload } from "../../../src/protocol/payload.ts";

type Rule =
  | "string"
  | "string?"
  | "count"
  | "count?"
  | "size"
  | "size?"
  | "boolean"
  | "headers"
  | "strings?"
  | "object";

const BAD: Readonly<Record<Rule, readonly unknown[]>> = {
  "string": [undefined, null, 1, ["x"], {}, "\udc00"],
  "string?": [1, ["x"], {}, "\udc00"],
  "count": [undefined, null, -1, 1.5, 2 ** 53, "1"],
  "count?": [-1, 1.5, 2 ** 53, "1", []],
  "size": [undefined, null, -1, 1.5, 2 ** 64 + 4096, "1"],
  "size?": [-1, 1.5, 2 ** 64 + 4096, "1", []],
  "boolean": [undefined, null, 0, "true"],
  "headers": [undefined, null, [], "x", { a: "b" }, { a: [1] }, { a: ["\ud800"] }, { "\udc00": [] }],
  "strings?": [null, "x", {}, [1], ["a", null], ["\ud800"]],
  "object": [undefined, null, [], "x", 1],
};
const GONE: readonly Rule[] = ["string?", "count?", "size?"];

interface Shape {
  readonly kind: Phase;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly event: Readonly<Record<string, unknown>>;
  /** Field on the wire, its rule, and what it is called in the event. */
  readonly fields: readonly (readonly [wire: string, rule: Rule, name?: string])[];
}

const BODY_CHUNK = {
  payload: { correlation_id: "c", data: "aGk=", is_last: true, chunk_index: 2, total_size: 9, bytes_received: 2 },
  event: { correlationId: "c", data: "aGk=", isLast: true, chunkIndex: 2, totalBytes: 9 },
  fields: [
    ["correlation_id", "string"],
    ["data", "string"],
    ["is_last", "boolean"],
    ["chunk_index", "count?"],
    ["total_size", "size?", "totalBytes"],
  ],
} as const;

const SHAPES: readonly Shape[] = [
  {
    kind: "configure",
    payload: { agent_id: "wasm", config: { a: 1 }, config_version: null, correlation_id: "c" },
    event: { kind: "configure", correlationId: "c", agentId: "wasm", config: { a: 1 } },
    fields: [["agent_id", "string?", "agentId"], ["correlation_id", "string?"]],
  },
  {
    kind: "request_headers",
    payload: {
      method: "GET",
      uri: "/a?b",
      headers: { host: ["example.com"] },
      metadata: {
        correlation_id: "c",
        request_id: "r",
        client_ip: "192.0.2.1",
        client_port: 4711,
        server_name: "s",
        protocol: "HTTP/2",
        tls_version: "1.3",
        tls_cipher: "x",
        route_id: "all",
        upstream_id: "backend",
        timestamp: "2026-01-01T00:00:00Z",
        traceparent: "00-1",
      },
      correlation_id: "ignored here",
    },
    event: {
      kind: "request_headers",
      correlationId: "c",
      method: "GET",
      uri: "/a?b",
      headers: { host: ["example.com"] },
      metadata: {
        requestId: "r",
        clientIp: "192.0.2.1",
        clientPort: 4711,
        serverName: "s",
        protocol: "HTTP/2",
        tlsVersion: "1.3",
        tlsCipher: "x",
        routeId: "all",
        upstreamId: "backend",
        timestamp: "2026-01-01T00:00:00Z",
        traceparent: "00-1",
      },
    },
    fields: [["method", "string"], ["uri", "string"], ["headers", "headers"], ["metadata", "object"]],
  },
  {
    kind: "response_headers",
    payload: { correlation_id: "c", status: 200, headers: { "set-cookie": ["a", "b"] } },
    event: { kind: "response_headers", correlationId: "c", status: 200, headers: { "set-cookie": ["a", "b"] } },
    fields: [["correlation_id", "string"], ["status", "count"], ["headers", "headers"]],
  },
  { ...BODY_CHUNK, kind: "request_body", event: { kind: "request_body", ...BODY_CHUNK.event } },
  { ...BODY_CHUNK, kind: "response_body", event: { kind: "response_body", ...BODY_CHUNK.event } },
  {
    kind: "request_complete",
    payload: {
      correlation_id: "c",
      status: 503,
      duration_ms: 12,
      request_body_size: 1,
      response_body_size: 2,
      upstream_attempts: 3,
      error: "connect timeout",
    },
    event: {
      kind: "request_complete",
      correlationId: "c",
      status: 503,
      durationMs: 12,
      requestBodyBytes: 1,
      responseBodyBytes: 2,
      upstreamAttempts: 3,
      error: "connect timeout",
    },
    fields: [
      ["correlation_id", "string"],
      ["status", "count"],
      ["duration_ms", "size"],
      ["request_body_size", "size"],
      ["response_body_size", "size"],
      ["upstream_attempts", "size"],
      ["error", "string?", "error"],
    ],
  },
  {
    kind: "websocket_frame",
    payload: {
      correlation_id: "c",
      opcode: "text",
      data: "aGk=",
      client_to_server: true,
      frame_index: 1,
      fin: false,
      route_id: "r",
      client_ip: "192.0.2.1",
    },
    event: {
      kind: "websocket_frame",
      correlationId: "c",
      opcode: "text",
      data: "aGk=",
      clientToServer: true,
      frameIndex: 1,
      fin: false,
      routeId: "r",
      clientIp: "192.0.2.1",
    },
    fields: [
      ["correlation_id", "string"],
      ["opcode", "string"],
      ["data", "string"],
      ["client_to_server", "boolean"],
      ["frame_index", "size"],
      ["fin", "boolean"],
      ["route_id", "string?", "routeId"],
      ["client_ip", "string?", "clientIp"],
    ],
  },
  {
    kind: "guardrail_inspect",
    payload: {
      correlation_id: "c",
      inspection_type: "pii_detection",
      content: "x",
      model: "m",
      categories: ["email"],
      route_id: "r",
      metadata: {},
    },
    event: {
      kind: "guardrail_inspect",
      correlationId: "c",
      inspectionType: "pii_detection",
      content: "x",
      model: "m",
      categories: ["email"],
      routeId: "r",
    },
    fields: [
      ["correlation_id", "string"],
      ["inspection_type", "string"],
      ["content", "string"],
      ["model", "string?", "model"],
      ["categories", "strings?"],
      ["route_id", "string?", "routeId"],
    ],
  },
];

const METADATA: readonly (readonly [wire: string, rule: Rule, name?: string])[] = [
  ["correlation_id", "string"],
  ["request_id", "string?", "requestId"],
  ["client_ip", "string"],
  ["client_port", "count?", "clientPort"],
  ["server_name", "string?", "serverName"],
  ["protocol", "string?", "protocol"],
  ["tls_version", "string?", "tlsVersion"],
  ["tls_cipher", "string?", "tlsCipher"],
  ["route_id", "string?", "routeId"],
  ["upstream_id", "string?", "upstreamId"],
  ["timestamp", "string?", "timestamp"],
  ["traceparent", "string?", "traceparent"],
];

/** What was decoded, of heads too. */
function fieldsOf(...event: Parameters<typeof decodePayload>): unknown {
  const decoded = decodePayload(...event);
  return decoded instanceof DecodedHead ? decoded.fields : decoded;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : typeof value === "number" ? String(value) : JSON.stringify(value);
}

for (const { kind, payload, event, fields } of SHAPES) {
  Deno.test(`decodePayload() reads ${kind}`, () => assertEquals<unknown>(fieldsOf(kind, payload), event));

  Deno.test(`decodePayload() ignores unknown fields of ${kind}`, () => {
    assertEquals<unknown>(fieldsOf(kind, { ...payload, later: { x: [1] } }), event);
  });

  for (const value of [undefined, null, [], "x", 1]) {
    Deno.test(`decodePayload() refuses ${show(value)} as ${kind}`, () => {
      const error = assertThrows(() => decodePayload(kind, value), ProtocolError);
      assertEquals(error.code, "MESSAGE_BAD_FIELD");
    });
  }

  for (const [wire, rule, name] of fields) {
    for (const value of BAD[rule]) {
      Deno.test(`decodePayload() refuses ${show(value)} as ${kind} '${wire}'`, () => {
        const error = assertThrows(
          () => decodePayload(kind, { ...payload, [wire]: value }),
          ProtocolError,
          `'${wire}'`,
        );
        assertEquals(error.code, "MESSAGE_BAD_FIELD");
      });
    }
    if (!GONE.includes(rule) || name === undefined) continue;
    for (const value of [undefined, null]) {
      Deno.test(`decodePayload() takes ${show(value)} as ${kind} '${wire}'`, () => {
        assertEquals<unknown>(fieldsOf(kind, { ...payload, [wire]: value }), { ...event, [name]: undefined });
      });
    }
  }
}

const REQUEST = SHAPES[1]!;
const metadata = Object(REQUEST.payload.metadata);
const decodedMetadata = Object(REQUEST.event.metadata);

for (const [wire, rule, name] of METADATA) {
  for (const value of BAD[rule]) {
    Deno.test(`decodePayload() refuses ${show(value)} as metadata '${wire}'`, () => {
      const payload = { ...REQUEST.payload, metadata: { ...metadata, [wire]: value } };
      const error = assertThrows(() => decodePayload("request_headers", payload), ProtocolError, `'${wire}'`);
      assertEquals(error.code, "MESSAGE_BAD_FIELD");
    });
  }
  if (name === undefined) continue;
  for (const value of [undefined, null]) {
    Deno.test(`decodePayload() takes ${show(value)} as metadata '${wire}'`, () => {
      const payload = { ...REQUEST.payload, metadata: { ...metadata, [wire]: value } };
      const expected = { ...REQUEST.event, metadata: { ...decodedMetadata, [name]: undefined } };
      assertEquals<unknown>(fieldsOf("request_headers", payload), expected);
    });
  }
}

Deno.test("decodePayload() counts a body chunk without an index as the first", () => {
  const event = decodePayload("response_body", { correlation_id: "c", data: "", is_last: true });
  assertEquals<unknown>(event, {
    kind: "response_body",
    correlationId: "c",
    data: "",
    isLast: true,
    chunkIndex: 0,
    totalBytes: undefined,
  });
});

Deno.test("decodePayload() gives an empty correlation id and no config to a configure without either", () => {
  assertEquals<unknown>(fieldsOf("configure", {}), {
    kind: "configure",
    correlationId: "",
    agentId: undefined,
    config: null,
  });
});

Deno.test("decodePayload() takes a guardrail event without categories", () => {
  const event = decodePayload("guardrail_inspect", { correlation_id: "c", inspection_type: "t", content: "" });
  assertEquals<unknown>(event.kind === "guardrail_inspect" && event.categories, []);
});

const IDS = [
  { kind: "configure", payload: { config: null } },
  { kind: "request_headers", payload: { ...REQUEST.payload, metadata: { client_ip: "::1" } } },
  { kind: "response_headers", payload: { status: 200, headers: {} } },
  { kind: "request_body", payload: BODY_CHUNK.payload },
] as const;

for (const { kind, payload } of IDS) {
  Deno.test(`decodePayload() takes an id of ${MAX_ID_LENGTH} characters for ${kind}, and none longer`, () => {
    const decode = (id: string) => {
      const metadata = { ...Object(Reflect.get(payload, "metadata")), correlation_id: id };
      return decodePayload(kind, { ...payload, metadata, correlation_id: id });
    };
    const longest = "é".repeat(MAX_ID_LENGTH);
    assertEquals(decode(longest).correlationId, longest);
    const error = assertThrows(() => decode(longest + "x"), ProtocolError, "'correlation_id'");
    assertEquals(error.code, "MESSAGE_OVER_LIMIT");
  });
}

Deno.test("decodePayload() takes the largest number of 64 bits for a size", () => {
  const payload = JSON.parse('{"correlation_id":"c","data":"","is_last":true,"total_size":18446744073709551615}');
  assertEquals(Reflect.get(decodePayload("response_body", payload), "totalBytes"), 2 ** 64);
});

for (const shape of ["names", "values of one name", "values of several names"] as const) {
  Deno.test(`decodePayload() takes ${MAX_HEADERS} header ${shape}, and not one more`, () => {
    const decode = (count: number) => {
      const list = Array.from({ length: count }, (_, index) => String(index));
      const headers = shape === "names"
        ? Object.fromEntries(list.map((name) => [name, []]))
        : shape === "values of one name"
        ? { a: list }
        : { a: list.slice(1), b: ["x"] };
      return decodePayload("response_headers", { correlation_id: "c", status: 200, headers });
    };
    decode(MAX_HEADERS);
    assertEquals(assertThrows(() => decode(MAX_HEADERS + 1), ProtocolError, "header").code, "MESSAGE_OVER_LIMIT");
  });
}
