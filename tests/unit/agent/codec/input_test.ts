import { assertEquals } from "@std/assert";
import { putModuleInput, putModuleInputV2 } from "../../../../src/agent/codec/input.ts";
import {
  ByteWriter,
  DecodedHead,
  type Head,
  type HeaderValues,
  type RequestFields,
} from "../../../../src/protocol/mod.ts";
import { headOf, V1 } from "../../protocol/wires.ts";

function moduleInput(event: Head, putInput = putModuleInput): string {
  const out = new ByteWriter();
  putInput(out, event);
  return new TextDecoder("utf-8", { fatal: true }).decode(out.written);
}

function request(changes: Partial<RequestFields> = {}, clientIp = "192.0.2.1"): Head {
  return new DecodedHead({
    kind: "request_headers",
    correlationId: "abc",
    method: "GET",
    uri: "/a?b=1",
    headers: {},
    metadata: { clientIp },
    ...changes,
  });
}

Deno.test("putModuleInput() gives on_request_headers what the ABI says, in this order", () => {
  assertEquals(
    moduleInput(request({ headers: { host: ["example.com"], accept: ["*/*"] } })),
    '{"method":"GET","uri":"/a?b=1","client_ip":"192.0.2.1","correlation_id":"abc","headers":{"host":"example.com","accept":"*/*"}}',
  );
});

Deno.test("putModuleInput() gives on_response_headers what the ABI says, in this order", () => {
  assertEquals(
    moduleInput(
      new DecodedHead({ kind: "response_headers", correlationId: "abc", status: 204, headers: { server: ["x"] } }),
    ),
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
  const event = V1.decode(new TextEncoder().encode(
    '{"version":1,"event_type":"response_headers","payload":{"correlation_id":"c","status":200,' +
      '"headers":{"__proto__":["x"],"constructor":["y"],"a":["z"]}}}',
  ));
  assertEquals(
    moduleInput(headOf(event)),
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

Deno.test("putModuleInputV2() gives on_request_headers all that the proxy tells, in this order, headers as lists and last", () => {
  const metadata = {
    clientIp: "192.0.2.1",
    clientPort: 4711,
    requestId: "r",
    serverName: "s",
    protocol: "HTTP/1.1",
    tlsVersion: "1.3",
    tlsCipher: "c",
    routeId: "route",
    upstreamId: "up",
    timestamp: "now",
    traceparent: "00",
  };
  assertEquals(
    moduleInput(request({ headers: { ":path": ["/"], a: ["1", "2"], b: ["3"] }, metadata }), putModuleInputV2),
    '{"method":"GET","uri":"/a?b=1","client_ip":"192.0.2.1","correlation_id":"abc","client_port":4711,"request_id":"r"' +
      ',"server_name":"s","protocol":"HTTP/1.1","tls_version":"1.3","tls_cipher":"c","route_id":"route","upstream_id":"up"' +
      ',"timestamp":"now","traceparent":"00","headers":{"a":["1","2"],"b":["3"]}}',
  );
});

Deno.test("putModuleInputV2() leaves out what the proxy does not tell", () => {
  assertEquals(
    moduleInput(request(), putModuleInputV2),
    '{"method":"GET","uri":"/a?b=1","client_ip":"192.0.2.1","correlation_id":"abc","headers":{}}',
  );
});

Deno.test("putModuleInputV2() gives on_response_headers what the ABI says, in this order", () => {
  const event = new DecodedHead({
    kind: "response_headers",
    correlationId: 'a"c',
    status: 204,
    headers: { "set-cookie": ["a=1", "b=2"] },
  });
  assertEquals(
    moduleInput(event, putModuleInputV2),
    '{"status":204,"correlation_id":"a\\"c","headers":{"set-cookie":["a=1","b=2"]}}',
  );
});
