import { assertEquals } from "@std/assert";
import {
  ALLOW,
  ByteWriter,
  type Decision,
  NEW_RELEASE,
  OLD_RELEASE,
  type ProtocolVersion,
  type Release,
  ReplyEncoder,
} from "../../../src/protocol/mod.ts";

function encode(version: ProtocolVersion, release: Release, decision: Decision, correlationId?: string): string {
  const out = new ByteWriter();
  new ReplyEncoder(version, release).put(out, decision, correlationId);
  return new TextDecoder().decode(out.written);
}

const AUDIT_START = '"routing_metadata":{},"audit":{"tags":[';
const AUDIT_END = '],"rule_ids":[],"confidence":null,"reason_codes":[],"custom":{';
const TAIL =
  '}},"needs_more":false,"request_body_mutation":null,"response_body_mutation":null,"websocket_decision":null}';
const NO_HEADERS = '"request_headers":[],"response_headers":[]';

const REPLIES: readonly {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly release?: Release;
  readonly decision: Decision;
  readonly id?: string;
  readonly json: string;
}[] = [
  {
    name: "allow on v1",
    version: 1,
    decision: ALLOW,
    json: `{"version":1,"decision":"allow",${NO_HEADERS},${AUDIT_START}${AUDIT_END}${TAIL}`,
  },
  {
    name: "allow on v2",
    version: 2,
    decision: ALLOW,
    id: "abc",
    json: `{"version":2,"decision":"allow",${NO_HEADERS},${AUDIT_START}${AUDIT_END}"correlation_id":"abc"${TAIL}`,
  },
  {
    name: "an empty id",
    version: 2,
    decision: ALLOW,
    id: "",
    json: `{"version":2,"decision":"allow",${NO_HEADERS},${AUDIT_START}${AUDIT_END}"correlation_id":""${TAIL}`,
  },
  {
    name: "an id that needs escapes",
    version: 2,
    decision: ALLOW,
    id: 'a"b\\c\n\u0000é😀',
    json:
      `{"version":2,"decision":"allow",${NO_HEADERS},${AUDIT_START}${AUDIT_END}"correlation_id":"a\\"b\\\\c\\n\\u0000é😀"${TAIL}`,
  },
  {
    name: "tags",
    version: 2,
    decision: { ...ALLOW, tags: ["a", 'b"c'] },
    id: "x",
    json:
      `{"version":2,"decision":"allow",${NO_HEADERS},${AUDIT_START}"a","b\\"c"${AUDIT_END}"correlation_id":"x"${TAIL}`,
  },
  {
    name: "a block without body",
    version: 1,
    decision: { ...ALLOW, verdict: { kind: "block", status: 403 } },
    json:
      `{"version":1,"decision":{"block":{"status":403,"body":null,"headers":null}},${NO_HEADERS},${AUDIT_START}${AUDIT_END}${TAIL}`,
  },
  {
    name: "a block with body and headers",
    version: 1,
    decision: { ...ALLOW, verdict: { kind: "block", status: 429, body: "", headers: { "retry-after": "1" } } },
    json:
      `{"version":1,"decision":{"block":{"status":429,"body":"","headers":{"retry-after":"1"}}},${NO_HEADERS},${AUDIT_START}${AUDIT_END}${TAIL}`,
  },
  {
    name: "a redirect for a new release",
    version: 2,
    release: NEW_RELEASE,
    decision: { ...ALLOW, verdict: { kind: "redirect", status: 308, url: "/there" } },
    id: "x",
    json:
      `{"version":2,"decision":{"redirect":{"url":"/there","status":308}},${NO_HEADERS},${AUDIT_START}${AUDIT_END}"correlation_id":"x"${TAIL}`,
  },
  {
    name: "a redirect for an old release",
    version: 2,
    release: OLD_RELEASE,
    decision: { ...ALLOW, verdict: { kind: "redirect", status: 308, url: "/there" } },
    id: "x",
    json:
      `{"version":2,"decision":{"block":{"status":308,"body":"Redirecting to /there","headers":{"location":"/there"}}}` +
      `,"request_headers":[],"response_headers":[{"set":{"name":"location","value":"/there"}}]` +
      `,${AUDIT_START}${AUDIT_END}"correlation_id":"x"${TAIL}`,
  },
  {
    name: "header ops in their order",
    version: 1,
    decision: {
      ...ALLOW,
      requestHeaders: [
        { op: "remove", name: "b" },
        { op: "set", name: "b", value: "1" },
        { op: "add", name: "a", value: "2" },
        { op: "set", name: "b", value: "3" },
      ],
      responseHeaders: [{ op: "add", name: "set-cookie", value: "x" }, { op: "remove", name: "server" }],
    },
    json: `{"version":1,"decision":"allow"` +
      `,"request_headers":[{"remove":{"name":"b"}},{"set":{"name":"b","value":"1"}},{"add":{"name":"a","value":"2"}},{"set":{"name":"b","value":"3"}}]` +
      `,"response_headers":[{"add":{"name":"set-cookie","value":"x"}},{"remove":{"name":"server"}}]` +
      `,${AUDIT_START}${AUDIT_END}${TAIL}`,
  },
  {
    name: "a challenge for a new release",
    version: 2,
    release: NEW_RELEASE,
    decision: { ...ALLOW, verdict: { kind: "challenge", type: "js", params: { a: "b" } } },
    id: "x",
    json:
      `{"version":2,"decision":{"challenge":{"challenge_type":"js","params":{"a":"b"}}},${NO_HEADERS},${AUDIT_START}${AUDIT_END}"correlation_id":"x"${TAIL}`,
  },
  ...([1, 2] as const).map((version) => ({
    name: `audit and routing metadata on v${version}`,
    version,
    decision: {
      ...ALLOW,
      audit: { ruleIds: ["r"], reasonCodes: ["c"], confidence: 0.5, custom: { a: [1], b: null } },
      routingMetadata: { "x": "y" },
    },
    id: version === 1 ? undefined : "x",
    json:
      `{"version":${version},"decision":"allow",${NO_HEADERS},"routing_metadata":{"x":"y"},"audit":{"tags":[],"rule_ids":["r"]` +
      `,"confidence":0.5,"reason_codes":["c"],"custom":{"a":[1],"b":null${
        version === 1 ? "" : ',"correlation_id":"x"'
      }${TAIL}`,
  })),
  {
    name: "a response body chunk given back",
    version: 2,
    decision: { ...ALLOW, responseBody: { data: "aGk=", chunkIndex: 3 } },
    id: "x",
    json: `{"version":2,"decision":"allow",${NO_HEADERS},${AUDIT_START}${AUDIT_END}"correlation_id":"x"}}` +
      `,"needs_more":false,"request_body_mutation":null,"response_body_mutation":{"data":"aGk=","chunk_index":3},"websocket_decision":null}`,
  },
  {
    name: "a websocket decision",
    version: 1,
    decision: { ...ALLOW, websocket: "allow" },
    json: `{"version":1,"decision":"allow",${NO_HEADERS},${AUDIT_START}${AUDIT_END}}}` +
      `,"needs_more":false,"request_body_mutation":null,"response_body_mutation":null,"websocket_decision":"allow"}`,
  },
];

for (const { name, version, release, decision, id, json } of REPLIES) {
  Deno.test(`ReplyEncoder.put() writes ${name}`, () => {
    assertEquals(encode(version, release ?? OLD_RELEASE, decision, id), json);
    JSON.parse(json);
  });
}

Deno.test("ReplyEncoder.put() appends, and writes a remembered decision with another id", () => {
  const encoder = new ReplyEncoder(2, NEW_RELEASE);
  const out = new ByteWriter();
  for (const id of ["a", "b", "a"]) encoder.put(out, ALLOW, id);
  const expected = ["a", "b", "a"].map((id) => encode(2, NEW_RELEASE, ALLOW, id)).join("");
  assertEquals(new TextDecoder().decode(out.written), expected);
});

Deno.test("ReplyEncoder.put() keeps the encodings of two releases apart", () => {
  const decision: Decision = { ...ALLOW, verdict: { kind: "redirect", status: 302, url: "/x" } };
  const decisions = [OLD_RELEASE, NEW_RELEASE].map((release) => JSON.parse(encode(2, release, decision, "x")).decision);
  assertEquals(decisions.map((it) => Object.keys(it)), [["block"], ["redirect"]]);
});

Deno.test("ReplyEncoder.put() writes a block header called __proto__", () => {
  const headers: Record<string, string> = JSON.parse('{"__proto__":"x"}');
  const json = encode(1, OLD_RELEASE, { ...ALLOW, verdict: { kind: "block", status: 403, headers } });
  assertEquals(json.includes('"headers":{"__proto__":"x"}'), true);
});
