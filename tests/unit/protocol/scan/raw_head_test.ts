import { assertEquals } from "@std/assert";
import type { Head } from "../../../../src/protocol/mod.ts";
import { decodePayload } from "../../../../src/protocol/payload.ts";
import { RawHead } from "../../../../src/protocol/scan/raw_head.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Kind = Head["kind"];

/** True if the scan takes `payload`, as both versions carry it. */
function takes(kind: Kind, payload: string | Uint8Array): boolean {
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  const onV2 = new RawHead().scanV2(Uint8Array.of(0x10, ...bytes), 1, kind);
  const envelope = Uint8Array.of(
    ...encoder.encode(`{"version":1,"event_type":"${kind}","payload":`),
    ...bytes,
    ...encoder.encode("}"),
  );
  assertEquals(new RawHead().scanV1(envelope), onV2);
  return onV2;
}

const METADATA =
  '"metadata":{"correlation_id":"c","request_id":"r","client_ip":"192.0.2.1","client_port":0,"tls_version":null}';
const REQUEST = `{"headers":{"host":["a"]},${METADATA},"method":"GET","uri":"/"}`;
const RESPONSE = '{"correlation_id":"c","headers":{"set-cookie":["a","b"]},"status":200}';

const TAKEN: readonly { readonly name: string; readonly kind: Kind; readonly payload: string }[] = [
  { name: "a request", kind: "request_headers", payload: REQUEST },
  {
    name: "a request with an id at the top",
    kind: "request_headers",
    payload: `{"correlation_id":"top",${REQUEST.slice(1)}`,
  },
  { name: "a response", kind: "response_headers", payload: RESPONSE },
  { name: "no headers", kind: "response_headers", payload: RESPONSE.replace('{"set-cookie":["a","b"]}', "{}") },
  { name: "no values", kind: "response_headers", payload: RESPONSE.replace('["a","b"]', "[]") },
  { name: "simple escapes", kind: "response_headers", payload: RESPONSE.replace('"a"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"') },
  { name: "DEL", kind: "response_headers", payload: RESPONSE.replace(`"a"`, `"\u007f"`) },
  { name: "escapes in the id", kind: "response_headers", payload: RESPONSE.replace('"c"', '"\\"\\\\\\n"') },
];

for (const { name, kind, payload } of TAKEN) {
  Deno.test(`RawHead takes ${name}, and the decoder reads the same id`, () => {
    assertEquals(takes(kind, payload), true);
    const head = new RawHead();
    head.scanV2(encoder.encode(payload), 0, kind);
    assertEquals(head.toHead().correlationId, decodePayload(kind, JSON.parse(payload)).correlationId);
  });

  Deno.test(`RawHead declines ${name} wherever it is cut short`, () => {
    for (let length = 0; length < payload.length; length++) {
      assertEquals(takes(kind, payload.slice(0, length)), false, payload.slice(0, length));
    }
  });
}

const DECLINED: readonly { readonly name: string; readonly payload: string | Uint8Array; readonly kind?: Kind }[] = [
  { name: "white space", payload: ` ${RESPONSE}` },
  { name: "bytes behind", payload: `${RESPONSE} ` },
  { name: "a list", payload: "[]" },
  { name: "an empty object", payload: "{}" },
  { name: "a response without an id", payload: RESPONSE.replace('"correlation_id":"c",', "") },
  { name: "a response without headers", payload: '{"correlation_id":"c","status":200}' },
  { name: "a response without a status", payload: '{"correlation_id":"c","headers":{}}' },
  { name: "an unknown field", payload: `{"later":1,${RESPONSE.slice(1)}` },
  { name: "a status in a string", payload: RESPONSE.replace("200", '"200"') },
  { name: "a negative status", payload: RESPONSE.replace("200", "-200") },
  { name: "a float as status", payload: RESPONSE.replace("200", "200.5") },
  { name: "a status in powers of ten", payload: RESPONSE.replace("200", "2e2") },
  { name: "a status with a leading zero", payload: RESPONSE.replace("200", "0200") },
  { name: "a status of ten digits", payload: RESPONSE.replace("200", "2000000000") },
  { name: "a header value that is no list", payload: RESPONSE.replace('["a","b"]', '"a"') },
  { name: "a header value that is a number", payload: RESPONSE.replace('"a"', "1") },
  { name: "a header twice", payload: RESPONSE.replace('"set-cookie"', '"a":["1"],"a":["2"],"b"') },
  { name: "a field twice", payload: RESPONSE.replace('"status"', '"status":1,"status"') },
  { name: "headers twice", payload: RESPONSE.replace('"headers"', '"headers":{},"headers"') },
  { name: "an id twice", payload: RESPONSE.replace('"status"', '"correlation_id":"d","status"') },
  { name: "a trailing comma", payload: RESPONSE.replace("200}", "200,}") },
  { name: "a raw control character", payload: RESPONSE.replace('"a"', '"\n"') },

  { name: "characters beyond ASCII", payload: RESPONSE.replace('"a"', '"é"') },
  { name: "an escape by number", payload: RESPONSE.replace('"a"', '"\\u0061"') },
  { name: "a lone surrogate", payload: RESPONSE.replace('"a"', '"\\ud800"') },
  { name: "an unknown escape", payload: RESPONSE.replace('"a"', '"\\a"') },
  { name: "a request without metadata", payload: REQUEST.replace(`${METADATA},`, ""), kind: "request_headers" },
  { name: "a request without a method", payload: REQUEST.replace('"method":"GET",', ""), kind: "request_headers" },
  { name: "a request without a uri", payload: REQUEST.replace(',"uri":"/"', ""), kind: "request_headers" },
  {
    name: "a request without an address",
    payload: REQUEST.replace('"client_ip":"192.0.2.1",', ""),
    kind: "request_headers",
  },
  { name: "a method that is null", payload: REQUEST.replace('"GET"', "null"), kind: "request_headers" },
  { name: "a request id that is a number", payload: REQUEST.replace('"r"', "1"), kind: "request_headers" },
  { name: "a request id that is true", payload: REQUEST.replace('"r"', "true"), kind: "request_headers" },
  { name: "a port that is negative", payload: REQUEST.replace('port":0', 'port":-1'), kind: "request_headers" },
  { name: "an object in the metadata", payload: REQUEST.replace('"r"', "{}"), kind: "request_headers" },
];

for (const { name, kind, payload } of DECLINED) {
  Deno.test(`RawHead declines ${name}`, () => assertEquals(takes(kind ?? "response_headers", payload), false));
}

Deno.test("RawHead reads nothing of the text that it had before, wherever the next is cut short", () => {
  const head = new RawHead();
  for (let length = 0; length < RESPONSE.length; length++) {
    assertEquals(head.scanV2(encoder.encode(RESPONSE), 0, "response_headers"), true);
    assertEquals(head.scanV2(encoder.encode(RESPONSE.slice(0, length)), 0, "response_headers"), false);
  }
});

Deno.test("RawHead takes heads of every length around a power of two up to 1 MiB, and declines longer ones", () => {
  const head = new RawHead();
  const [before = "", after = ""] = RESPONSE.split('"a"');
  const frame = before.length + after.length + 2;
  for (let size = 4096; size <= 1024 * 1024; size *= 2) {
    for (let length = size - 8; length <= size + 8; length++) {
      const value = "v".repeat(length - frame);
      const taken = head.scanV2(encoder.encode(`${before}"${value}"${after}`), 0, "response_headers");
      assertEquals(taken, length <= 1024 * 1024, `${length}`);
      if (taken) assertEquals(decoder.decode(head.headers), `"set-cookie":"${value}, b"`);
    }
  }
});

Deno.test("RawHead takes a long value with any byte at any place exactly if the byte stands for itself", () => {
  const head = new RawHead();
  const [before = "", after = ""] = RESPONSE.split('"a"');
  const length = 20_000;
  const payload = encoder.encode(`${before}"${"v".repeat(length)}"${after}`);
  const valueAt = before.length + 1;
  for (const place of [...Array.from({ length: 40 }, (_, index) => index), 127, 128, 129, 9_999, length - 1]) {
    for (let byte = 0; byte < 256; byte++) {
      const at = valueAt + place;
      payload[at] = byte;
      const plain = byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c;
      assertEquals(head.scanV2(payload, 0, "response_headers"), plain, `${byte} at ${place}`);
      if (plain) assertEquals(head.headers.subarray(14, 14 + length), payload.subarray(valueAt, valueAt + length));
      payload[at] = 0x76;
    }
  }
});

Deno.test("RawHead keeps long values with escapes at any place, and what comes behind them", () => {
  const head = new RawHead();
  for (const plain of [0, 1, 15, 16, 17, 126, 127, 128, 129, 143, 144, 145, 20_000]) {
    const values = [`${"v".repeat(plain)}\\n${"w".repeat(plain)}`, "x".repeat(plain), "y".repeat(20_000)];
    const payload = RESPONSE.replace('["a","b"]', JSON.stringify(values).replaceAll("\\\\n", "\\n"));
    assertEquals(head.scanV2(encoder.encode(payload), 0, "response_headers"), true);
    assertEquals(decoder.decode(head.headers), `"set-cookie":"${values.join(", ")}"`);
    assertEquals(head.toHead().correlationId, "c");
  }
});

Deno.test("RawHead declines a backslash before every byte that is no escape, those beyond ASCII too", () => {
  const [before, after] = RESPONSE.split('"a"');
  for (let byte = 0; byte < 256; byte++) {
    // An escaped quote leaves the string open, and \u wants four digits: neither is whole here.
    const value = Uint8Array.of(0x22, 0x5c, byte, 0x22);
    const payload = Uint8Array.of(...encoder.encode(before), ...value, ...encoder.encode(after));
    let valid = true;
    try {
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    } catch {
      valid = false;
    }
    if (!valid) assertEquals(takes("response_headers", payload), false, byte.toString(16));
    else assertEquals(takes("response_headers", payload), '"\\/bfnrt'.includes(decoder.decode(Uint8Array.of(byte))));
  }
});

Deno.test("RawHead tells a hundred header names apart, and finds one that stands twice among them", () => {
  const names = Array.from({ length: 100 }, (_, index) => `x-header-${index}`);
  const headers = names.map((name) => `"${name}":["1","2"]`);
  assertEquals(takes("response_headers", RESPONSE.replace('"set-cookie":["a","b"]', headers.join())), true);
  for (const again of [0, 50, 99]) {
    const twice = [...headers, `"${names[again]}":[]`].join();
    assertEquals(takes("response_headers", RESPONSE.replace('"set-cookie":["a","b"]', twice)), false);
  }
});

for (
  const envelope of [
    '{"version":2,"event_type":"response_headers","payload":{}}',
    `{"version":2,"event_type":"response_headers","payload":${RESPONSE}}`,
    `{"version":1,"event_type":"response_header","payload":${RESPONSE}}`,
    `{"version":1,"event_type":"configure","payload":${RESPONSE}}`,
    `{"event_type":"response_headers","version":1,"payload":${RESPONSE}}`,
    `{"version":1,"event_type":"response_headers","payload":${RESPONSE},"x":1}`,
    `{"version":1,"event_type":"response_headers","payload":${RESPONSE}}}`,
  ]
) {
  Deno.test(`RawHead.scanV1() declines ${envelope.slice(0, 60)}...`, () => {
    assertEquals(new RawHead().scanV1(encoder.encode(envelope)), false);
  });
}

Deno.test("RawHead reads ids of every length, wherever the payload ends in the room for it", () => {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(2);
  for (const size of [0, 4 * 1024]) {
    for (let length = 0; length <= 64; length++) {
      const id = letters.slice(0, length);
      const before = '{"headers":{"x":["';
      const after = `"]},"status":200,"correlation_id":"${id}"}`;
      const value = "v".repeat(Math.max(0, size - before.length - after.length - 16));
      const head = new RawHead();
      assertEquals(head.scanV2(encoder.encode(`${before}${value}${after}`), 0, "response_headers"), true);
      assertEquals(head.toHead().correlationId, id);
    }
  }
});
