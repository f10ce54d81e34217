import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { parseEvents, wireEvent } from "../../../src/lanes/mod.ts";

/** All that a proxy may tell of a request beside its head. */
const ALL_TOLD = {
  client_ip: "192.0.2.1",
  client_port: 4711,
  correlation_id: "c",
  request_id: "r",
  server_name: "s",
  protocol: "HTTP/2",
  tls_version: "TLSv1.3",
  tls_cipher: "x",
  route_id: "ro",
  upstream_id: "u",
  timestamp: "2026-01-01T00:00:00Z",
  traceparent: "00-1-2-01",
};

const METADATA = { client_ip: "127.0.0.1", client_port: 0, correlation_id: "request-1" };

/** Equal objects are equal whatever they inherit from. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

Deno.test.each([
  {
    name: "nothing at all",
    described: { request: {} },
    payload: { metadata: METADATA, method: "GET", uri: "/", headers: {} },
  },
  {
    name: "everything",
    described: {
      name: "what a list of cases has beside it",
      request: {
        method: "PUT",
        uri: "/a?b",
        ...ALL_TOLD,
        headers: { "X-One": "1", "x-two": ["1", "2"] },
      },
    },
    payload: {
      metadata: ALL_TOLD,
      method: "PUT",
      uri: "/a?b",
      headers: { "x-one": ["1"], "x-two": ["1", "2"] },
    },
  },
  {
    name: "the fields alone",
    described: { uri: "/x", headers: { a: "1", A: "2" } },
    payload: { metadata: METADATA, method: "GET", uri: "/x", headers: { a: ["1", "2"] } },
  },
  {
    name: "what a proxy sends",
    described: { version: 1, event_type: "request_headers", payload: { uri: "/" } },
    payload: { uri: "/" },
  },
  {
    name: "a body, of which the length is sent",
    described: { request: { body: "grün" } },
    payload: { metadata: METADATA, method: "GET", uri: "/", headers: { "content-length": ["5"] } },
  },
  {
    name: "a body whose length is given",
    described: { request: { body: "abc", headers: { "Content-Length": "9" } } },
    payload: { metadata: METADATA, method: "GET", uri: "/", headers: { "content-length": ["9"] } },
  },
])("wireEvent() takes $name for a request", ({ described, payload }) => {
  const { event } = wireEvent(described, "here");
  assertEquals([event.phase, plain(event.payload)], ["request_headers", plain(payload)]);
});

Deno.test("wireEvent() tells how long a body is", () => {
  assertEquals(wireEvent({ request: { body: "grün" } }, "here").bodyBytes, 5);
  assertEquals(wireEvent({ request: {} }, "here").bodyBytes, undefined);
});

Deno.test.each([
  { described: { response: {} }, status: 200 },
  { described: { response: { status: 404 } }, status: 404 },
  { described: { status: 503, headers: {} }, status: 503 },
])("wireEvent() takes $described for a response of $status", ({ described, status }) => {
  const { event } = wireEvent(described, "here");
  assertEquals([event.phase, plain(event.payload)], ["response_headers", {
    correlation_id: "request-1",
    status,
    headers: {},
  }]);
});

Deno.test.each([
  { described: 1, says: '"event" must be an object: received 1' },
  { described: { uris: "/" }, says: 'have a "request" or "response": received "uris"' },
  { described: { request: {}, response: {} }, says: "received both" },
  { described: { request: [] }, says: '"request" must be an object: received []' },
  { described: { request: { url: "/" } }, says: 'received "url", did you mean "uri"?' },
  { described: { response: { uri: "/" } }, says: 'received "uri"' },
  { described: { request: { uri: 1 } }, says: '"uri" must be a string: received 1' },
  { described: { request: { headers: { age: 5 } } }, says: '"headers.age" must be a string or a list of strings' },
  { described: { request: { headers: { age: ["5", null] } } }, says: "received null" },
  { described: { response: { status: "200" } }, says: '"status" must be a whole number, 100 to 999' },
  { described: { response: { status: 99 } }, says: "received 99" },
  { described: { request: { client_port: 65_536 } }, says: "0 to 65535" },
  { described: { event_type: "request_body", payload: {} }, says: 'received "request_body"' },
])("wireEvent() refuses $described", ({ described, says }) => {
  const error = assertThrows(() => wireEvent(described, "events.json, line 3"), ConfigError, says);
  assertEquals([error.code, error.message.includes("(events.json, line 3)")], ["EVENT_UNREADABLE", true]);
});

Deno.test.each([
  { name: "one value over several lines", text: '{\n"uri":\n"/1"}', uris: ["/1"] },
  { name: "a list", text: '[{"uri":"/1"},{"uri":"/2"}]', uris: ["/1", "/2"] },
  { name: "JSON lines", text: '{"uri":"/1"}\n\n{"uri":"/2"}\r\n', uris: ["/1", "/2"] },
])("parseEvents() reads $name", ({ text, uris }) => {
  assertEquals(parseEvents(text, "f").map(({ event }) => Object(event.payload).uri), [...uris]);
});

Deno.test.each([
  { text: "", says: "have an event: received none" },
  { text: "[]", says: "have an event: received none" },
  { text: '{"uri":"/1"}\n{"uri":', says: "(f, line 2) as it must be JSON" },
  { text: '{"uri":"/1"}\n{"url":"/"}', says: "(f, line 2)" },
  { text: '[{"uri":"/1"},{"url":"/"}]', says: "(f, item 2)" },
])("parseEvents() refuses $text", ({ text, says }) => {
  assertEquals(assertThrows(() => parseEvents(text, "f"), ConfigError, says).code, "EVENT_UNREADABLE");
});
