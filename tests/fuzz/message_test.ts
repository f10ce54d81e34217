import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { putModuleInput } from "../../src/agent/codec/input.ts";
import { ProtocolError } from "../../src/errors.ts";
import { ALLOW, ByteWriter, type Event, MessageType, NEW_RELEASE, ReplyEncoder } from "../../src/protocol/mod.ts";
import { encodeHandshakeResponse, handshakeRefusal } from "../../src/protocol/v2/handshake.ts";
import { frameOf, proxyFrames, ROWS } from "../conformance/protocols.ts";
import { faultOf } from "../conformance/reply_schema.ts";
import { parseStrictJson } from "../conformance/strict_json.ts";
import { RUNS } from "./runs.ts";
import { eventOf, V1, V2 } from "../unit/protocol/wires.ts";

const encoder = new TextEncoder();

/** `run`'s value; undefined if it refused its input as it should. */
function orRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    assert(error instanceof ProtocolError, String(error));
    assert(error.message.startsWith("Cannot "), error.message);
  }
}

const CONTROL: ReadonlySet<string> = new Set(["handshake", "cancel", "ping", "ignored"]);

/** What must hold for an event, wherever it came from. */
function checkEvent(event: Event): void {
  assert(event.correlationId.isWellFormed());
  const out = new ByteWriter();
  new ReplyEncoder(2, NEW_RELEASE).put(out, ALLOW, event.correlationId);
  const frame = frameOf(Uint8Array.of(MessageType.agentResponse), out.written);
  assertEquals(faultOf("v2-json", "agent_response", frame), undefined);
  if (event.kind !== "request_headers" && event.kind !== "response_headers") return;
  const input = new ByteWriter();
  putModuleInput(input, event);
  const fields = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(input.written));
  assertEquals(fields.correlation_id, event.correlationId);
  assert(Object.keys(fields.headers).every((name) => !name.startsWith(":")));
}

const value = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, "", 0, -1, 1.5, 2 ** 53, true, [], {}, "\ud800") },
  {
    weight: 1,
    arbitrary: fc.dictionary(
      fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom("__proto__", ":path", "constructor", "host", "1")),
      fc.array(fc.string({ unit: "binary", maxLength: 6 }), { maxLength: 3 }),
      { maxKeys: 4 },
    ),
  },
);

/** Changes some fields, anywhere in a payload: a value in their place, or none. */
const changes = fc.array(fc.tuple(fc.nat(), fc.option(value, { nil: undefined })), { maxLength: 3 });

function changed(payload: unknown, list: readonly (readonly [number, unknown])[]): unknown {
  const copy: unknown = structuredClone(payload);
  for (const [which, replacement] of list) {
    const fields: (readonly [object: object, name: string])[] = [];
    const collect = (object: unknown): void => {
      if (typeof object !== "object" || object === null) return;
      for (const [name, child] of Object.entries(object)) {
        fields.push([object, name]);
        collect(child);
      }
    };
    collect(copy);
    const field = fields[which % Math.max(1, fields.length)];
    if (field === undefined) continue;
    if (replacement === undefined) Reflect.deleteProperty(...field);
    else {Object.defineProperty(field[0], field[1], {
        value: replacement,
        enumerable: true,
        configurable: true,
        writable: true,
      });}
  }
  return copy;
}

for (const { protocol } of ROWS) {
  const corpus = proxyFrames(protocol).map(({ frame, decoded }) => ({ type: frame[4]!, decoded }));

  Deno.test(`decoding of ${protocol} takes or refuses captured messages with changed fields`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus), changes, ({ type, decoded }, list) => {
        const bytes = encoder.encode(JSON.stringify(changed(decoded, list)));
        if (protocol === "v1") {
          const event = orRefused(() => V1.decode(bytes));
          if (event !== undefined) checkEvent(event);
          return;
        }
        const message = orRefused(() => V2.decode(Uint8Array.of(type, ...bytes)));
        if (message !== undefined && !CONTROL.has(message.kind)) checkEvent(eventOf(message));
      }),
      { numRuns: 10 * RUNS },
    );
  });

  Deno.test(`decoding of ${protocol} takes or refuses arbitrary JSON`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.json(), (type, json) => {
        const bytes = encoder.encode(json);
        orRefused(() => protocol === "v1" ? V1.decode(bytes) : V2.decode(Uint8Array.of(type, ...bytes)));
      }),
      { numRuns: 10 * RUNS },
    );
  });
}

const IDENTITY = { agentId: "a", name: "a", version: "1", events: [], maxConcurrency: 1 };

const handshake = fc.record({
  supported_versions: fc.oneof(fc.array(fc.oneof(fc.integer(), fc.double(), fc.constant(2))), value),
  proxy_id: fc.oneof(fc.string(), value),
  proxy_version: fc.oneof(fc.string(), value),
  config: value,
  supported_encodings: fc.oneof(
    fc.array(fc.oneof(fc.constantFrom("json", "msgpack"), fc.string({ unit: "binary" }))),
    value,
  ),
}, { requiredKeys: [] });

Deno.test("a handshake is taken, refused in a form that proxies can read, or closes the connection", () => {
  fc.assert(
    fc.property(handshake, (fields) => {
      const body = Uint8Array.of(MessageType.handshakeRequest, ...encoder.encode(JSON.stringify(fields)));
      const message = orRefused(() => V2.decode(body));
      if (message === undefined) return;
      assert(message.kind === "handshake");
      const refusal = handshakeRefusal(message.handshake);
      const response = encodeHandshakeResponse(IDENTITY, refusal);
      parseStrictJson(response);
      const frame = frameOf(Uint8Array.of(MessageType.handshakeResponse), response);
      assertEquals(
        faultOf("v2-json", "handshake_response", frame),
        refusal === undefined ? undefined : "handshake.success: not true, so the connection is given up",
      );
      const { supportedVersions, supportedEncodings } = message.handshake;
      const speaksJson = supportedEncodings.length === 0 || supportedEncodings.some((it) => it === "json");
      assertEquals(refusal === undefined, supportedVersions.some((it) => it === 2) && speaksJson);
    }),
    { numRuns: 10 * RUNS },
  );
});
