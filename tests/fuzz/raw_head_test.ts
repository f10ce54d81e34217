import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cohortOf } from "../../src/agent/cohort.ts";
import { putModuleInput } from "../../src/agent/codec/input.ts";
import { ProtocolError } from "../../src/errors.ts";
import { type HeadPhase, isHeadPhase } from "../../src/phase.ts";
import { ByteWriter, type Event, type Head, MessageType } from "../../src/protocol/mod.ts";
import { decodePayload } from "../../src/protocol/payload.ts";
import { proxyFrames } from "../conformance/protocols.ts";
import { RUNS } from "./runs.ts";
import { RawHead } from "../../src/protocol/scan/raw_head.ts";
import { eventOf, headOf, V1, V2 } from "../unit/protocol/wires.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

function inputOf(head: Head): unknown {
  const out = new ByteWriter();
  putModuleInput(out, head);
  return JSON.parse(strict.decode(out.written));
}

/** All that can be asked of a head. */
function answersOf(head: Head): unknown {
  const out = new ByteWriter();
  out.putText('{"lists":{');
  head.putHeaders(out, "lists");
  out.putText("}");
  head.putMetadata(out);
  out.putText("}");
  const { lists, ...metadata } = JSON.parse(strict.decode(out.written));
  const names = [...Object.keys(lists), ":path", "host", "no-such-header"];
  return [
    [head.kind, head.correlationId, head.status, head.method(), head.uri(), cohortOf(head)],
    names.map((name) => head.header(name)),
    [inputOf(head), lists, metadata],
  ];
}

/** What the scan takes the decoder must take, and make the same of it. */
function compare(kind: HeadPhase, payload: Uint8Array): boolean {
  const head = new RawHead();
  if (!head.scanV2(payload, 0, kind)) return false;
  const reference = answersOf(headOf(decodePayload(kind, JSON.parse(strict.decode(payload)))));
  assertEquals(answersOf(head.toHead()), reference);
  assertEquals(answersOf(head.toHead().retain()), reference);
  return true;
}

const CORPUS = proxyFrames("v2-json").flatMap(({ kind, frame }) =>
  isHeadPhase(kind) ? [{ kind, payload: frame.subarray(5) }] : []
);

Deno.test("RawHead takes most captured heads", () => {
  const taken = CORPUS.filter(({ kind, payload }) => compare(kind, payload)).length;
  assert(taken >= CORPUS.length * 0.8, `${taken} of ${CORPUS.length}`);
});

const INTERESTING = [...'"\\:,{}[]nulbfrt/ 019-.e'].map((character) => character.charCodeAt(0));
const byte = fc.oneof(fc.constantFrom(...INTERESTING), fc.integer({ min: 0, max: 255 }));
const damage = fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.array(byte, { maxLength: 3 })), {
  minLength: 1,
  maxLength: 2,
});

Deno.test("RawHead makes the same of damaged captured heads as the decoder, or declines", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CORPUS), damage, ({ kind, payload }, list) => {
      const bytes = [...payload];
      for (const [at, count, added] of list) bytes.splice(at % bytes.length, count, ...added);
      compare(kind, Uint8Array.from(bytes));
    }),
    { numRuns: 50 * RUNS },
  );
});

const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: fc.constantFrom("a", ":", "[", "]", "/", '"', "\\", "\n", "é", "1", "?", "."), maxLength: 6 }),
  fc.constantFrom("", "host", ":path", "correlation_id", "__proto__", "1", "\ud800", "a\udc00b"),
  fc.constantFrom("192.0.2.1:80", "[::1]:80", "::1", "unix:/run/a.sock", "unix:80", "[::1]", "1.2.3.4:", "a:80"),
);
const headers = fc.dictionary(text, fc.array(text, { maxLength: 3 }), { maxKeys: 5 });
const optional = fc.option(text, { nil: null });
const number = fc.oneof(
  fc.nat(),
  fc.constantFrom(0, 999_999_999, 1_000_000_000, 2 ** 53 - 1, 2 ** 53, 2 ** 64, 1.5, -1),
);
const request = fc.record({
  method: text,
  uri: text,
  headers,
  metadata: fc.record({
    correlation_id: text,
    client_ip: text,
    client_port: number,
    request_id: optional,
    tls_version: optional,
    traceparent: optional,
    extra: optional,
  }, {
    requiredKeys: ["correlation_id", "client_ip"],
  }),
  correlation_id: text,
}, { requiredKeys: ["method", "uri", "headers", "metadata"] });
const response = fc.record({ correlation_id: text, status: number, headers });

/** What a session learns of a head: what it would hand to a module, or whose it is, or that there is nothing to learn. */
function readingOf(decode: () => Event): unknown {
  try {
    const event = decode();
    if (event.kind === "unreadable") return [event.kind, event.correlationId, event.error.message];
    return answersOf(headOf(event));
  } catch (error) {
    assert(error instanceof ProtocolError, String(error));
    return error.message;
  }
}

function v2Event(type: number, text: string): Event {
  return eventOf(V2.decode(Uint8Array.of(type, ...encoder.encode(text))));
}

/** The same text with white space in front, which only the decoder takes. */
const WAYS = ["", " "];

Deno.test("heads are read alike by scan and decoder, on both versions: whatever is asked of them, and errors", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(request, response), (payload) => {
      const kind = "metadata" in payload ? "request_headers" : "response_headers";
      const json = JSON.stringify(payload);
      if (new RawHead().scanV2(encoder.encode(json), 0, kind)) taken++;
      const type = kind === "request_headers" ? MessageType.requestHeaders : MessageType.responseHeaders;
      const envelope = `{"version":1,"event_type":"${kind}","payload":${json}}`;
      const [reading, ...others] = WAYS.flatMap((before) => [
        readingOf(() => v2Event(type, before + json)),
        readingOf(() => V1.decode(encoder.encode(before + envelope))),
      ]);
      for (const other of others) assertEquals(other, reading);
    }),
    { numRuns: 20 * RUNS },
  );
  assert(taken > RUNS, `only ${taken} were taken`);
});
