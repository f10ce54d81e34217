import { assert, assertEquals, assertThrows } from "@std/assert";
import type { HeadPhase } from "../../../src/phase.ts";
import { ByteWriter, DecodedHead, type Head, type HeaderValues } from "../../../src/protocol/mod.ts";
import { decodePayload } from "../../../src/protocol/payload.ts";
import { RawHead } from "../../../src/protocol/scan/raw_head.ts";
import { ScannedHead } from "../../../src/protocol/scan/scanned_head.ts";
import { headOf, V1, V2 } from "./wires.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

type Payload = Readonly<Record<string, unknown>>;

function scanned(kind: HeadPhase, payload: Payload): Head {
  const scan = new RawHead();
  assert(scan.scanV2(encoder.encode(JSON.stringify(payload)), 0, kind), "declined");
  return scan.toHead();
}

/** Each implementation of a head, made of the payload of a frame. */
const IMPLEMENTATIONS = [
  { name: "a scanned head", make: scanned },
  { name: "a retained head", make: (kind: HeadPhase, payload: Payload) => scanned(kind, payload).retain() },
  { name: "a decoded head", make: (kind: HeadPhase, payload: Payload) => headOf(decodePayload(kind, payload)) },
];

function requestPayload(changes: Payload = {}, metadata: Payload = {}): Payload {
  return {
    method: "GET",
    uri: "/a?b=1",
    headers: {},
    metadata: { correlation_id: "c", client_ip: "192.0.2.1", ...metadata },
    ...changes,
  };
}

function responsePayload(headers: HeaderValues = {}, status = 204): Payload {
  return { correlation_id: "c", status, headers };
}

function written(put: (out: ByteWriter) => void): string {
  const out = new ByteWriter();
  put(out);
  return decoder.decode(out.written);
}

/** What stands between the quotes of a JSON string. */
function unquoted(put: (out: ByteWriter) => void): unknown {
  return JSON.parse(`"${written(put)}"`);
}

const TEXTS = ["", "GET", '"', "a\\b", "a\tb\n", "/\b\f\r", "x".repeat(300), `${"y".repeat(94)}"`];

const HEADERS: readonly {
  readonly name: string;
  readonly headers: HeaderValues;
  readonly joined: string;
  readonly lists: string;
}[] = [
  { name: "none", headers: {}, joined: "", lists: "" },
  { name: "one value", headers: { a: ["1, 2"] }, joined: '"a":"1, 2"', lists: '"a":["1, 2"]' },
  {
    name: "several values",
    headers: { a: ["1", "2", ""], b: ["3"] },
    joined: '"a":"1, 2, ","b":"3"',
    lists: '"a":["1","2",""],"b":["3"]',
  },
  { name: "no value", headers: { a: [], b: [] }, joined: '"a":"","b":""', lists: '"a":[],"b":[]' },
  {
    name: "pseudo headers at the front, between and at the end",
    headers: { ":method": ["GET"], a: ["1"], ":path": ["/", "]"], b: ["2"], ":": [] },
    joined: '"a":"1","b":"2"',
    lists: '"a":["1"],"b":["2"]',
  },
  { name: "pseudo headers alone", headers: { ":method": ["GET"] }, joined: "", lists: "" },
  {
    name: "values that look like JSON",
    headers: { a: ['"],"b":["', "\\", '\\"]'], "]": ["}"], "": ["{"] },
    joined: String.raw`"a":"\"],\"b\":[\", \\, \\\"]","]":"}","":"{"`,
    lists: String.raw`"a":["\"],\"b\":[\"","\\","\\\"]"],"]":["}"],"":["{"]`,
  },
];

/** `bare` and `port` are what modules get; the port is 0 where none is told. */
const ADDRESSES = [
  { address: "192.0.2.1", bare: "192.0.2.1", port: 0 },
  { address: "192.0.2.1:4711", bare: "192.0.2.1", port: 4711 },
  { address: "192.0.2.1:0", bare: "192.0.2.1", port: 0 },
  { address: "192.0.2.1:080", bare: "192.0.2.1", port: 80 },
  { address: "192.0.2.1:65535", bare: "192.0.2.1", port: 65_535 },
  { address: "192.0.2.1:65536", bare: "192.0.2.1", port: 0 },
  { address: `192.0.2.1:${"9".repeat(400)}`, bare: "192.0.2.1", port: 0 },
  { address: "[2001:db8::1]:4711", bare: "2001:db8::1", port: 4711 },
  { address: "[2001:db8::1]", bare: "2001:db8::1", port: 0 },
  { address: "[::1]:0", bare: "::1", port: 0 },
  { address: "[fe80::1%eth0]:1", bare: "fe80::1%eth0", port: 1 },
  { address: "2001:db8::1", bare: "2001:db8::1", port: 0 },
  { address: "::1", bare: "::1", port: 0 },
  { address: "::", bare: "::", port: 0 },
  { address: "::ffff:192.0.2.1", bare: "::ffff:192.0.2.1", port: 0 },
  { address: "[::ffff:192.0.2.1]:80", bare: "::ffff:192.0.2.1", port: 80 },
  { address: "", bare: "", port: 0 },
  { address: "[]", bare: "", port: 0 },
  { address: "unknown", bare: "unknown", port: 0 },
  { address: "unix:/run/proxy.sock", bare: "unix:/run/proxy.sock", port: 0 },
  { address: "unix:/run/a:80", bare: "unix:/run/a:80", port: 0 },
  { address: "unix:80", bare: "unix:80", port: 0 },
  { address: "unix:", bare: "unix:", port: 0 },
  { address: "unix:[1]:2", bare: "unix:[1]:2", port: 0 },
  { address: "/run/proxy.sock:80", bare: "/run/proxy.sock:80", port: 0 },
  { address: "192.0.2.1:", bare: "192.0.2.1:", port: 0 },
  { address: "192.0.2.1:http", bare: "192.0.2.1:http", port: 0 },
  { address: "192.0.2.1:80:80", bare: "192.0.2.1:80:80", port: 0 },
  { address: ":80", bare: ":80", port: 0 },
  { address: "[::1]80", bare: "[::1]80", port: 0 },
  { address: "[::1]:", bare: "[::1]:", port: 0 },
  { address: "[::1]:x", bare: "[::1]:x", port: 0 },
  { address: "[2001:db8::1", bare: "[2001:db8::1", port: 0 },
  { address: '["\\]:1', bare: '"\\', port: 1 },
];

const TOLD = {
  client_port: 4711,
  request_id: 'r"',
  server_name: "example.com",
  protocol: "HTTP/1.1",
  tls_version: "1.3",
  tls_cipher: "TLS_AES_128_GCM_SHA256",
  route_id: "all",
  upstream_id: "backend",
  timestamp: "2026-01-01T00:00:00Z",
  traceparent: "00-1-2-01",
};

for (const { name, make } of IMPLEMENTATIONS) {
  const request = (changes?: Payload, metadata?: Payload) => make("request_headers", requestPayload(changes, metadata));
  const response = (headers?: HeaderValues, status?: number) =>
    make("response_headers", responsePayload(headers, status));

  Deno.test(`${name} says of a request what it is`, () => {
    const head = request();
    assertEquals([head.kind, head.correlationId, head.status], ["request_headers", "c", -1]);
    assertEquals([head.method(), head.uri()], ["GET", "/a?b=1"]);
  });

  Deno.test(`${name} says of a response what it is, and nothing that only a request has`, () => {
    const head = response();
    assertEquals([head.kind, head.correlationId, head.status], ["response_headers", "c", 204]);
    assertEquals([head.method(), head.uri()], ["", ""]);
    for (const put of [head.putMethod, head.putUri, head.putClientIp, head.putMetadata]) {
      assertEquals(written((out) => put.call(head, out)), "");
    }
  });

  Deno.test(`${name} gives texts as they came, decoded and as JSON`, () => {
    for (const text of TEXTS) {
      const head = request({ method: text, uri: text, headers: { a: [text, "x"] } }, { correlation_id: text });
      assertEquals([head.method(), head.uri(), head.correlationId], [text, text, text]);
      assertEquals(unquoted((out) => head.putMethod(out)), text);
      assertEquals(unquoted((out) => head.putUri(out)), text);
      assertEquals(unquoted((out) => head.putCorrelationId(out)), text);
      assertEquals(head.header("a"), `${text}, x`);
    }
  });

  for (const { name: what, headers, joined, lists } of HEADERS) {
    Deno.test(`${name} writes headers in both forms: ${what}`, () => {
      for (const head of [request({ headers }), response(headers)]) {
        assertEquals(written((out) => head.putHeaders(out, "joined")), joined);
        assertEquals(written((out) => head.putHeaders(out, "lists")), lists);
      }
    });

    Deno.test(`${name} finds each header and no other: ${what}`, () => {
      const head = request({ headers });
      for (const name of [...Object.keys(headers), "aa", "no-such-header", "toString", "__proto__", "é"]) {
        const values = Object.hasOwn(headers, name) && !name.startsWith(":") ? headers[name] : undefined;
        assertEquals(head.header(name), values?.join(", "), name);
      }
    });
  }

  Deno.test(`${name} finds and writes a header called __proto__`, () => {
    const headers: HeaderValues = JSON.parse('{"__proto__":["x"],"constructor":["y"]}');
    const head = response(headers);
    assertEquals([head.header("__proto__"), head.header("constructor")], ["x", "y"]);
    assertEquals(written((out) => head.putHeaders(out, "lists")), '"__proto__":["x"],"constructor":["y"]');
  });

  for (const { address, bare, port } of ADDRESSES) {
    Deno.test(`${name} gives "${bare.slice(0, 40)}" and port ${port} for "${address.slice(0, 40)}"`, () => {
      const head = request({}, { client_ip: address, client_port: 0 });
      assertEquals(unquoted((out) => head.putClientIp(out)), bare);
      assertEquals(written((out) => head.putMetadata(out)), port === 0 ? "" : `,"client_port":${port}`);
    });
  }

  Deno.test(`${name} writes all that the proxy tells of a request, in the order of the ABI`, () => {
    const expected = Object.entries(TOLD).map(([key, value]) => `,${JSON.stringify(key)}:${JSON.stringify(value)}`);
    const reversed = Object.fromEntries(Object.entries({ ...TOLD, later: "x" }).toReversed());
    for (const metadata of [TOLD, reversed]) {
      assertEquals(written((out) => request({}, metadata).putMetadata(out)), expected.join(""));
    }
  });

  for (const key of Object.keys(TOLD)) {
    Deno.test(`${name} leaves ${key} out where the proxy does not tell it`, () => {
      const { [key]: _, ...rest } = JSON.parse(`{${written((out) => request({}, TOLD).putMetadata(out)).slice(1)}}`);
      const untold = key === "client_port" ? 0 : null;
      for (const metadata of [{ ...TOLD, [key]: untold }, rest]) {
        const text = written((out) => request({}, metadata).putMetadata(out));
        assertEquals(JSON.parse(`{${text.slice(1)}}`), rest);
      }
    });
  }

  Deno.test(`${name} takes the port beside the address before the one in it, unless it can be none`, () => {
    for (const [told, port] of [[1, 1], [65_535, 65_535], [65_536, 80], [0, 80]] as const) {
      const head = request({}, { client_ip: "192.0.2.1:80", client_port: told });
      assertEquals(written((out) => head.putMetadata(out)), `,"client_port":${port}`);
    }
  });

  Deno.test(`${name} hashes the path alone, and no more than its beginning`, () => {
    const hash = (uri: string) => request({ uri }).pathHash();
    assertEquals(hash("/login?next=/a"), hash("/login?next=/b"));
    assertEquals(hash("/login"), hash("/login?"));
    assert(hash("/login") !== hash("/logout") && hash("/") !== hash(""));
    const long = `/${"a".repeat(127)}`;
    assertEquals(hash(`${long}b`), hash(`${long}c`));
    assert(hash(`${long.slice(1)}b`) !== hash(`${long.slice(1)}c`));
  });

  Deno.test(`${name} hashes a path as every other head does, escapes or not`, () => {
    for (const uri of ["/", "", "/a?b", '/"', "/\\\\", '/a"b?"', "/a?\\", '"'.repeat(200), `${"a".repeat(126)}""""`]) {
      const others = IMPLEMENTATIONS.map((other) => other.make("request_headers", requestPayload({ uri })).pathHash());
      assertEquals(new Set([request({ uri }).pathHash(), ...others]).size, 1, uri);
    }
  });

  Deno.test(`${name}, once retained, stays as it is while other frames are decoded`, () => {
    const kept = request({ uri: "/kept", headers: { a: ["1"] } }, TOLD).retain();
    const answers = () => [
      kept.uri(),
      kept.header("a"),
      kept.pathHash(),
      written((out) => kept.putHeaders(out, "lists")),
      written((out) => kept.putMetadata(out)),
    ];
    const before = answers();
    for (let count = 0; count < 3; count++) request({ uri: "/other", headers: { b: ["2"] } }).uri();
    assertEquals(answers(), before);
    assertEquals(kept.retain().uri(), "/kept");
  });
}

const METHODS: readonly ((head: Head) => unknown)[] = [
  (head) => head.method(),
  (head) => head.uri(),
  (head) => head.header("a"),
  (head) => head.pathHash(),
  (head) => written((out) => head.putMethod(out)),
  (head) => written((out) => head.putUri(out)),
  (head) => written((out) => head.putClientIp(out)),
  (head) => written((out) => head.putCorrelationId(out)),
  (head) => written((out) => head.putHeaders(out, "joined")),
  (head) => written((out) => head.putHeaders(out, "lists")),
  (head) => written((out) => head.putMetadata(out)),
  (head) => head.retain(),
];

function v1Body(payload: Payload): Uint8Array {
  return encoder.encode(JSON.stringify({ version: 1, event_type: "request_headers", payload }));
}

const WIRES = [
  { name: "v1", decode: (payload: Payload) => headOf(V1.decode(v1Body(payload))) },
  {
    name: "v2",
    decode: (payload: Payload) => headOf(V2.decode(Uint8Array.of(0x10, ...encoder.encode(JSON.stringify(payload))))),
  },
];

for (const { name, decode } of WIRES) {
  Deno.test(`a head of ${name} answers nothing once its wire has decoded another frame, and keeps its properties`, () => {
    // A frame that the scan declines overwrites what was there, too.
    for (const next of [requestPayload({ uri: "/next" }), requestPayload({ uri: "/é" })]) {
      const head = decode(requestPayload());
      assert(head instanceof ScannedHead);
      for (const ask of METHODS) ask(head);
      decode(next);
      for (const ask of METHODS) assertThrows(() => ask(head), Error, "Cannot read head as its frame must be the last");
      assertEquals([head.kind, head.correlationId, head.status], ["request_headers", "c", -1]);
    }
  });

  Deno.test(`a head of ${name} that was retained answers for ever`, () => {
    const kept = decode(requestPayload({ uri: "/kept" })).retain();
    decode(requestPayload({ uri: "/next" }));
    for (const ask of METHODS) ask(kept);
    assertEquals(kept.uri(), "/kept");
  });
}

Deno.test("a decoded head writes characters beyond ASCII, and lone surrogates escaped", () => {
  const headers = { "é": ["😀\u2028"], a: ["\ud800"] };
  const head = new DecodedHead({ kind: "response_headers", correlationId: "é\u0001", status: 200, headers });
  assertEquals(written((out) => head.putHeaders(out, "joined")), '"é":"😀\u2028","a":"\\ud800"');
  assertEquals(unquoted((out) => head.putCorrelationId(out)), "é\u0001");
});
