import { assert, assertEquals } from "@std/assert";
import { type Golden, golden, type Protocol } from "./golden.ts";
import { type AnswerKind, faultOf, isAcceptable } from "./reply_schema.ts";

const PROTOCOLS: readonly Protocol[] = ["v1", "v2-json"];

/** What a captured frame was sent as; undefined for what an agent of ours never sends. */
function answerKind({ kind }: Golden): AnswerKind | undefined {
  if (kind === "handshake_response") return kind;
  // A broken frame was sent where a reply was due.
  return kind === "agent_response" || kind === "broken_frame" ? "agent_response" : undefined;
}

for (const protocol of PROTOCOLS) {
  const fromAgent = [...golden(protocol, "replies"), ...golden(protocol, "session")].filter((it) => !it.fromProxy);
  for (const it of fromAgent) {
    const kind = answerKind(it);
    if (kind === undefined) continue;
    Deno.test(`isAcceptable() accepts ${protocol} ${it.name}, as the real proxy did`, () => {
      assertEquals(faultOf(protocol, kind, it.frame), undefined);
    });
  }

  for (const it of golden(protocol, "rejected")) {
    const kind = answerKind(it);
    if (kind === undefined) continue;
    Deno.test(`isAcceptable() refuses ${protocol} ${it.name}, as the real proxy did`, () => {
      assert(!isAcceptable(protocol, kind, it.frame));
    });
  }
}

Deno.test("isAcceptable() is tried on every captured reply and handshake", () => {
  const counts = PROTOCOLS.map((protocol) =>
    (["replies", "rejected"] as const).map((set) => golden(protocol, set).filter(answerKind).length)
  );
  assertEquals(counts, [[39, 24], [46, 35]]);
});

const encoder = new TextEncoder();

function v1Reply(json: string): Uint8Array {
  const body = encoder.encode(json);
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, 4);
  return frame;
}

const MORE = [
  { name: "a float for an integer", json: '{"version":1,"decision":{"block":{"status":403.0}}}' },
  { name: "an integer in powers of ten", json: '{"version":1,"decision":{"block":{"status":4e2}}}' },
  { name: "a negative status", json: '{"version":1,"decision":{"block":{"status":-1}}}' },
  { name: "a lone surrogate", json: '{"version":1,"decision":{"block":{"status":403,"body":"\\ud800"}}}' },
  { name: "a key twice within", json: '{"version":1,"decision":{"block":{"status":403,"status":403}}}' },
  { name: "two variants", json: '{"version":1,"decision":{"allow":null,"block":{"status":403}}}' },
  { name: "a raw control character", json: '{"version":1,"decision":{"block":{"status":403,"body":"\n"}}}' },
  { name: "a number with a leading zero", json: '{"version":01,"decision":"allow"}' },
  { name: "tags that are null", json: '{"version":1,"decision":"allow","audit":{"tags":null}}' },
  { name: "a tag that is a number", json: '{"version":1,"decision":"allow","audit":{"tags":[1]}}' },
];

for (const { name, json } of MORE) {
  Deno.test(`isAcceptable() refuses ${name}`, () => assert(!isAcceptable("v1", "agent_response", v1Reply(json))));
}

Deno.test("isAcceptable() refuses bytes that are not UTF-8", () => {
  const frame = v1Reply('{"version":1,"decision":"allow","x":"?"}');
  frame[frame.length - 3] = 0xff;
  assert(!isAcceptable("v1", "agent_response", frame));
});
