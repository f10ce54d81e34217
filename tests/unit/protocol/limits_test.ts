import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import { MessageType } from "../../../src/protocol/mod.ts";
import { MAX_HEAD_BYTES, MAX_HEADERS, MAX_ID_LENGTH } from "../../../src/protocol/limits.ts";
import { V1, V2 } from "./wires.ts";

const encoder = new TextEncoder();

function body(type: number, text: string): Uint8Array {
  const bytes = new Uint8Array(1 + text.length);
  bytes[0] = type;
  encoder.encodeInto(text, bytes.subarray(1));
  return bytes;
}

const METADATA = '"metadata":{"correlation_id":"c","client_ip":"::1"}';
const HEADS = [
  {
    name: "a request's",
    decode: (text: string) => V2.decode(body(MessageType.requestHeaders, text)),
    text: `{${METADATA},"method":"GET","headers":{},"uri":"/"}`,
    typeBytes: 1,
  },
  {
    name: "a response's",
    decode: (text: string) => V2.decode(body(MessageType.responseHeaders, text)),
    text: '{"correlation_id":"c","status":200,"headers":{"/":[]}}',
    typeBytes: 1,
  },
  ...["request_headers", "response_headers"].map((type) => ({
    name: `a v1 ${type} event's`,
    decode: (text: string) => V1.decode(encoder.encode(text)),
    text:
      `{"version":1,"event_type":"${type}","payload":{${METADATA},"method":"GET","correlation_id":"c","status":200,` +
      '"headers":{},"uri":"/"}}',
    typeBytes: 0,
  })),
];

for (const { name, decode, text, typeBytes } of HEADS) {
  Deno.test(`${name} head may have ${MAX_HEAD_BYTES} bytes, and not one more`, () => {
    const at = (length: number) => text.replace('"/"', `"/${"x".repeat(length - typeBytes - text.length)}"`);
    decode(at(MAX_HEAD_BYTES));
    const error = assertThrows(() => decode(at(MAX_HEAD_BYTES + 1)), ProtocolError, `${MAX_HEAD_BYTES + 1}`);
    assertEquals(error.code, "MESSAGE_OVER_LIMIT");
  });
}

Deno.test("a body's chunk may be longer than a head", () => {
  const data = "A".repeat(4 * MAX_HEAD_BYTES);
  const text = `{"correlation_id":"c","data":"${data}","is_last":true}`;
  const message = V2.decode(body(MessageType.responseBodyChunk, text));
  assertEquals(Reflect.get(message, "data"), data);
});

/** The same head for each way of reading one: as it is, and with white space in front, which only the decoder takes. */
function bothWays(correlationId: string, headers: unknown): readonly Uint8Array[] {
  const text = JSON.stringify({ correlation_id: correlationId, status: 200, headers });
  return ["", " "].map((before) => body(MessageType.responseHeaders, before + text));
}

for (
  const { name, limit, heads } of [
    {
      name: "correlation id",
      limit: MAX_ID_LENGTH,
      heads: (count: number) => bothWays("x".repeat(count), {}),
    },
    {
      name: "values of a header",
      limit: MAX_HEADERS,
      heads: (count: number) => bothWays("c", { a: new Array(count).fill("v") }),
    },
    {
      name: "values of several headers",
      limit: MAX_HEADERS,
      heads: (count: number) => bothWays("c", { a: new Array(count - 500).fill("v"), b: new Array(500).fill("v") }),
    },
    {
      name: "header names",
      limit: MAX_HEADERS,
      heads: (count: number) =>
        bothWays("c", Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}`, []]))),
    },
  ]
) {
  Deno.test(`${name}: ${limit} are taken in both ways of reading a head, and not one more`, () => {
    for (const head of heads(limit)) V2.decode(head);
    for (const head of heads(limit + 1)) {
      assertEquals(assertThrows(() => V2.decode(head), ProtocolError).code, "MESSAGE_OVER_LIMIT");
    }
  });
}

Deno.test("a cancel's id may be as long as an event's", () => {
  const cancel = (length: number) => V2.decode(body(MessageType.cancel, `{"correlation_id":"${"x".repeat(length)}"}`));
  cancel(MAX_ID_LENGTH);
  assertEquals(assertThrows(() => cancel(MAX_ID_LENGTH + 1), ProtocolError).code, "MESSAGE_OVER_LIMIT");
});
