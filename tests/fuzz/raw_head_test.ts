import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { putModuleInput } from "../../src/agent/input.ts";
import { ByteWriter, type HeadEvent, RawHead } from "../../src/protocol/mod.ts";
import { decodePayload } from "../../src/protocol/payload.ts";
import { proxyFrames } from "../conformance/protocols.ts";
import { RUNS } from "./runs.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

type Kind = HeadEvent["kind"];

function isKind(kind: string): kind is Kind {
  return kind === "request_headers" || kind === "response_headers";
}

function inputOf(event: HeadEvent): unknown {
  const out = new ByteWriter();
  putModuleInput(out, event);
  return JSON.parse(strict.decode(out.written));
}

/** What the scan takes the decoder must take, and make the same of it. */
function compare(kind: Kind, payload: Uint8Array): boolean {
  const head = new RawHead();
  if (!head.scanV2(payload, 0, kind)) return false;
  const event = head.toEvent();
  const reference = decodePayload(kind, JSON.parse(strict.decode(payload)));
  assert(isKind(reference.kind) && "headers" in reference);
  assertEquals([event.kind, event.correlationId], [reference.kind, reference.correlationId]);
  assertEquals(inputOf(event), inputOf(reference));
  return true;
}

const CORPUS = proxyFrames("v2-json").flatMap(({ kind, frame }) =>
  isKind(kind) ? [{ kind, payload: frame.subarray(5) }] : []
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
  fc.string({ unit: fc.constantFrom("a", ":", "[", "]", "/", '"', "\\", "\n", "é", "1"), maxLength: 6 }),
  fc.constantFrom("", "host", ":path", "192.0.2.1:80", "[::1]:80", "::1", "correlation_id", "__proto__"),
);
const headers = fc.dictionary(text, fc.array(text, { maxLength: 3 }), { maxKeys: 5 });
const optional = fc.option(text, { nil: null });
const request = fc.record({
  method: text,
  uri: text,
  headers,
  metadata: fc.record({
    correlation_id: text,
    client_ip: text,
    client_port: fc.nat(),
    request_id: optional,
    extra: optional,
  }, {
    requiredKeys: ["correlation_id", "client_ip"],
  }),
  correlation_id: text,
}, { requiredKeys: ["method", "uri", "headers", "metadata"] });
const response = fc.record({ correlation_id: text, status: fc.nat(), headers });

Deno.test("RawHead makes the same of arbitrary heads as the decoder, or declines", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(request, response), (payload) => {
      const kind = "metadata" in payload ? "request_headers" : "response_headers";
      if (compare(kind, encoder.encode(JSON.stringify(payload)))) taken++;
    }),
    { numRuns: 20 * RUNS },
  );
  assert(taken > RUNS, `only ${taken} were taken`);
});
