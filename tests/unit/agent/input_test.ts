import { assertEquals } from "@std/assert";
import { bareAddress, putModuleInput } from "../../../src/agent/input.ts";
import {
  ByteWriter,
  decodeV1Event,
  type HeaderValues,
  type HeadEvent,
  type RequestHeadersEvent,
} from "../../../src/protocol/mod.ts";

function moduleInput(event: HeadEvent): string {
  const out = new ByteWriter();
  putModuleInput(out, event);
  return new TextDecoder("utf-8", { fatal: true }).decode(out.written);
}

function request(changes: Partial<RequestHeadersEvent> = {}, clientIp = "192.0.2.1"): RequestHeadersEvent {
  return {
    kind: "request_headers",
    correlationId: "abc",
    method: "GET",
    uri: "/a?b=1",
    headers: {},
    metadata: { clientIp },
    ...changes,
  };
}

Deno.test("putModuleInput() gives on_request_headers what the ABI says, in this order", () => {
  assertEquals(
    moduleInput(request({ headers: { host: ["example.com"], accept: ["*/*"] } })),
    '{"method":"GET","uri":"/a?b=1","client_ip":"192.0.2.1","correlation_id":"abc","headers":{"host":"example.com","accept":"*/*"}}',
  );
});

Deno.test("putModuleInput() gives on_response_headers what the ABI says, in this order", () => {
  assertEquals(
    moduleInput({ kind: "response_headers", correlationId: "abc", status: 204, headers: { server: ["x"] } }),
    '{"status":204,"correlation_id":"abc","headers":{"server":"x"}}',
  );
});

const HEADERS: readonly { readonly name: string; readonly headers: HeaderValues; readonly json: string }[] = [
  { name: "no header", headers: {}, json: "{}" },
  { name: "one value as it is", headers: { a: ["1, 2"] }, json: '{"a":"1, 2"}' },
  { name: "several values joined", headers: { a: ["1", "2", ""], b: ["3"] }, json: '{"a":"1, 2, ","b":"3"}' },
  { name: "no value as empty", headers: { a: [] }, json: '{"a":""}' },
  { name: "an empty value", headers: { a: [""] }, json: '{"a":""}' },
  {
    name: "pseudo headers left out, at the front, between and at the end",
    headers: { ":method": ["GET"], a: ["1"], ":path": ["/"], b: ["2"], ":": ["x"] },
    json: '{"a":"1","b":"2"}',
  },
  { name: "nothing but pseudo headers", headers: { ":method": ["GET"] }, json: "{}" },
  {
    name: "quotes, backslashes and control characters escaped",
    headers: { 'a"b': ['x\\y"\n\u0000'] },
    json: '{"a\\"b":"x\\\\y\\"\\n\\u0000"}',
  },
  { name: "lone surrogates escaped", headers: { a: ["\ud800"] }, json: '{"a":"\\ud800"}' },
  { name: "other characters as they are", headers: { "é": ["😀\u2028"] }, json: '{"é":"😀\u2028"}' },
];

for (const { name, headers, json } of HEADERS) {
  Deno.test(`putModuleInput() writes headers: ${name}`, () => {
    const input = moduleInput(request({ headers }));
    assertEquals(input.slice(input.indexOf('"headers":') + 10, -1), json);
    JSON.parse(input);
  });
}

Deno.test("putModuleInput() passes a header called __proto__ on", () => {
  const event = decodeV1Event(new TextEncoder().encode(
    '{"version":1,"event_type":"response_headers","payload":{"correlation_id":"c","status":200,' +
      '"headers":{"__proto__":["x"],"constructor":["y"],"a":["z"]}}}',
  ));
  if (event.kind !== "response_headers") throw new TypeError(event.kind);
  assertEquals(
    moduleInput(event),
    '{"status":200,"correlation_id":"c","headers":{"__proto__":"x","constructor":"y","a":"z"}}',
  );
});

Deno.test("putModuleInput() escapes method, uri and correlation id", () => {
  const event = request({ method: 'G"', uri: '/"\\\n', correlationId: 'c"\u0001' }, '1"2');
  assertEquals(JSON.parse(moduleInput(event)), {
    method: 'G"',
    uri: '/"\\\n',
    client_ip: '1"2',
    correlation_id: 'c"\u0001',
    headers: {},
  });
});

Deno.test("putModuleInput() gives the bare client address", () => {
  assertEquals(JSON.parse(moduleInput(request({}, "203.0.113.7:0"))).client_ip, "203.0.113.7");
});

const ADDRESSES = [
  { address: "192.0.2.1", bare: "192.0.2.1" },
  { address: "192.0.2.1:4711", bare: "192.0.2.1" },
  { address: "192.0.2.1:0", bare: "192.0.2.1" },
  { address: "[2001:db8::1]:4711", bare: "2001:db8::1" },
  { address: "[2001:db8::1]", bare: "2001:db8::1" },
  { address: "[::1]:0", bare: "::1" },
  { address: "[fe80::1%eth0]:1", bare: "fe80::1%eth0" },
  { address: "2001:db8::1", bare: "2001:db8::1" },
  { address: "::1", bare: "::1" },
  { address: "::", bare: "::" },
  { address: "::ffff:192.0.2.1", bare: "::ffff:192.0.2.1" },
  { address: "[::ffff:192.0.2.1]:80", bare: "::ffff:192.0.2.1" },
  { address: "", bare: "" },
  { address: "unknown", bare: "unknown" },
  { address: "unix:/run/proxy.sock", bare: "unix:/run/proxy.sock" },
  { address: "unix:/run/a:80", bare: "unix:/run/a:80" },
  { address: "unix:80", bare: "unix:80" },
  { address: "unix:", bare: "unix:" },
  { address: "unix:[1]:2", bare: "unix:[1]:2" },
  { address: "/run/proxy.sock:80", bare: "/run/proxy.sock:80" },
  { address: "192.0.2.1:", bare: "192.0.2.1:" },
  { address: "192.0.2.1:http", bare: "192.0.2.1:http" },
  { address: "192.0.2.1:80:80", bare: "192.0.2.1:80:80" },
  { address: ":80", bare: ":80" },
  { address: "[::1]80", bare: "[::1]80" },
  { address: "[::1]:", bare: "[::1]:" },
  { address: "[::1]:x", bare: "[::1]:x" },
  { address: "[2001:db8::1", bare: "[2001:db8::1" },
];

for (const { address, bare } of ADDRESSES) {
  Deno.test(`bareAddress() makes "${bare}" of "${address}"`, () => assertEquals(bareAddress(address), bare));

  Deno.test(`putModuleInput() makes "${bare}" of "${address}" in a head that is not decoded`, () => {
    const payload = { method: "GET", uri: "/", headers: {}, metadata: { correlation_id: "c", client_ip: address } };
    const envelope = { version: 1, event_type: "request_headers", payload };
    const event = decodeV1Event(new TextEncoder().encode(JSON.stringify(envelope)));
    if (!("raw" in event)) throw new TypeError(event.kind);
    assertEquals(JSON.parse(moduleInput(event)).client_ip, bare);
  });
}
