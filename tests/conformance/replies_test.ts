import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failureDecisions } from "../../src/agent/fail_mode.ts";
import { parseResult } from "../../src/agent/codec/result.ts";
import { parseResultV2 } from "../../src/agent/codec/result_v2.ts";
import { ProtocolError } from "../../src/errors.ts";
import { ALLOW, type Decision } from "../../src/protocol/mod.ts";
import { Connection } from "../../src/server/connection.ts";
import type { SessionOptions } from "../../src/server/session.ts";
import { sessionOptions } from "../unit/server/deciders.ts";
import { FakeSocket } from "../unit/server/fake_socket.ts";
import { golden } from "./golden.ts";
import { frameOf, framesOf, ROWS } from "./protocols.ts";
import { faultOf } from "./reply_schema.ts";
import { openSession } from "../../src/server/open_session.ts";

const HEADERS: Readonly<Record<string, string>> = JSON.parse('{"__proto__":"a","content-type":"text/plain; é"}');

const DECISIONS: readonly { readonly name: string; readonly decision: Decision }[] = [
  { name: "allow", decision: ALLOW },
  { name: "block without body", decision: { ...ALLOW, verdict: { kind: "block", status: 200 } } },
  { name: "block with an empty body", decision: { ...ALLOW, verdict: { kind: "block", status: 599, body: "" } } },
  {
    name: "block with a body that needs escapes",
    decision: { ...ALLOW, verdict: { kind: "block", status: 403, body: '"\\\u0000\n\u2028é😀\u007f' } },
  },
  {
    name: "block with headers",
    decision: { ...ALLOW, verdict: { kind: "block", status: 401, body: "no", headers: HEADERS } },
  },
  { name: "redirect", decision: { ...ALLOW, verdict: { kind: "redirect", status: 302, url: "https://example.com/" } } },
  { name: "redirect with escapes", decision: { ...ALLOW, verdict: { kind: "redirect", status: 308, url: '/"\\é😀' } } },
  {
    name: "header ops of every kind",
    decision: {
      ...ALLOW,
      requestHeaders: [
        { op: "set", name: "a", value: "" },
        { op: "add", name: "__proto__", value: '"' },
        { op: "remove", name: "c" },
      ],
      responseHeaders: [
        { op: "remove", name: "a" },
        { op: "add", name: "b", value: "é" },
        { op: "set", name: "c", value: "\t" },
      ],
    },
  },
  { name: "tags", decision: { ...ALLOW, tags: ["a", "", '"', "😀"] } },
  { name: "a body chunk given back", decision: { ...ALLOW, responseBody: { data: "aGk=", chunkIndex: 0 } } },
  {
    name: "the last body chunk a proxy can count",
    decision: { ...ALLOW, responseBody: { data: "", chunkIndex: 2 ** 32 - 1 } },
  },
  { name: "a websocket frame let through", decision: { ...ALLOW, websocket: "allow" } },
  { name: "an error, fail closed", decision: failureDecisions("closed").error },
  { name: "an error, fail open", decision: failureDecisions("open").error },
  { name: "overload, fail closed", decision: failureDecisions("closed").overload },
  { name: "overload, fail open", decision: failureDecisions("open").overload },
  {
    name: "everything a module can say",
    decision: parseResult(new TextEncoder().encode(JSON.stringify({
      decision: "deny",
      status: 418,
      body: "\u0000\r\n",
      add_request_headers: { "X-Processed": "true" },
      remove_request_headers: ["X-Debug"],
      add_response_headers: { "X-Frame-Options": "DENY" },
      remove_response_headers: ["Server"],
      tags: ["processed", "logged"],
    }))).decision,
  },
  {
    name: "everything a module of ABI 2 can say",
    decision: parseResultV2(new TextEncoder().encode(JSON.stringify({
      decision: "challenge",
      challenge: { type: "js", params: { "www-authenticate": "Basic", "é": '"' } },
      set_request_headers: { a: ["1", "2"] },
      add_response_headers: { "set-cookie": ["a=1", "b=2"] },
      remove_response_headers: ["Server"],
      tags: ["t"],
      rule_ids: ["r"],
      reason_codes: ["c"],
      confidence: 0.25,
      routing_metadata: { a: "b" },
      audit: { a: [1.5e300, { b: null }], "": "" },
    }))).decision,
  },
  {
    name: "a redirect with headers",
    decision: { ...ALLOW, verdict: { kind: "redirect", status: 302, url: "/", headers: { a: "b" } } },
  },
];

const IDS = ["req-1", "", '"\\/\n\u0000\u001f', "é😀\u2028", "__proto__", "x".repeat(10_000)];

async function answer(beginning: readonly Uint8Array[], frame: Uint8Array, decision: Decision): Promise<Uint8Array[]> {
  const socket = new FakeSocket();
  const run = new Connection(socket, openSession, sessionOptions(() => decision).options).run();
  socket.push(...beginning, frame);
  await socket.hangUp();
  await run;
  return framesOf(socket.written).slice(beginning.length);
}

for (const row of ROWS) {
  const { protocol } = row;
  for (const release of row.releases) {
    for (const { name, decision } of DECISIONS) {
      Deno.test(`${protocol}: a proxy of release ${release} accepts ${name}`, async () => {
        const answers = await answer(row.beginning(release), row.requestFrame("req-1"), decision);
        assertEquals(answers.length, 1);
        assertEquals(faultOf(protocol, "agent_response", answers[0]!), undefined);
        const reply = JSON.parse(new TextDecoder().decode(row.payloadBytes(answers[0]!.subarray(4))));
        assertEquals(reply.audit.tags, decision.tags);
        const { verdict } = decision;
        if (verdict.kind === "block") {
          assertEquals([reply.decision.block.status, reply.decision.block.body], [
            verdict.status,
            verdict.body ?? null,
          ]);
        }
        if (verdict.kind === "allow") assertEquals(reply.decision, "allow");
      });
    }
  }

  for (const id of IDS) {
    Deno.test(`${protocol}: a proxy finds its own id again: ${JSON.stringify(id).slice(0, 40)}`, async () => {
      const answers = await answer(row.beginning("0.6.54"), row.requestFrame(id), ALLOW);
      assertEquals(faultOf(protocol, "agent_response", answers[0]!), undefined);
      const reply = JSON.parse(new TextDecoder().decode(row.payloadBytes(answers[0]!.subarray(4))));
      if (protocol !== "v1") assertEquals(row.idOf(reply), id);
    });
  }

  Deno.test(`${protocol}: no reply of ours has a field that the reference agent's have not, nor lacks one`, async () => {
    const reference = golden(protocol, "replies").find(({ name }) => name === "reply/allow");
    const [own] = await answer(row.beginning("0.6.54"), row.requestFrame("a"), ALLOW);
    const reply = JSON.parse(new TextDecoder().decode(row.payloadBytes(own!.subarray(4))));
    const decoded = Object(reference?.decoded);
    assertEquals(Object.keys(reply).sort(), Object.keys(decoded).sort());
    assertEquals(Object.keys(reply.audit).sort(), Object.keys(decoded.audit).sort());
  });
}

const IDENTITIES: readonly SessionOptions["identity"][] = [
  { agentId: "a", name: "a", version: "0.1.0", events: ["request_headers", "response_headers"], maxConcurrency: 1028 },
  { agentId: "", name: '"é"', version: "", events: [], maxConcurrency: 1 },
  { agentId: "a", name: "a", version: "1", events: ["response_headers"], maxConcurrency: 100_064 },
];

for (const identity of IDENTITIES) {
  Deno.test(`v2-json: a proxy accepts the handshake of ${JSON.stringify(identity)}`, async () => {
    for (const { frame, kind } of golden("v2-json", "events")) {
      if (kind !== "handshake_request") continue;
      const socket = new FakeSocket();
      const run = new Connection(socket, openSession, sessionOptions(() => ALLOW, { identity }).options).run();
      socket.push(frame);
      await socket.hangUp();
      await run;
      const answers = framesOf(socket.written);
      assertEquals(answers.length, 1);
      assertEquals(faultOf("v2-json", "handshake_response", answers[0]!), undefined);
    }
  });
}

Deno.test("v2-json: a refused handshake says so in a form that a proxy can read", async () => {
  const socket = new FakeSocket();
  const run = new Connection(socket, openSession, sessionOptions(() => ALLOW).options).run()
    .then(() => undefined, (error: unknown) => error);
  const offer = { supported_versions: [9], proxy_id: "", proxy_version: "" };
  socket.push(frameOf(Uint8Array.of(0x01), new TextEncoder().encode(JSON.stringify(offer))));
  assert((await run) instanceof ProtocolError);
  const [refusal] = framesOf(socket.written);
  // Nothing else is wrong with it.
  assertEquals(
    faultOf("v2-json", "handshake_response", refusal!),
    "handshake.success: not true, so the connection is given up",
  );
  const text = new TextDecoder().decode(refusal!.subarray(5));
  assertStringIncludes(text, "received [9]");
  const accepted = frameOf(
    Uint8Array.of(0x02),
    new TextEncoder().encode(text.replace('"success":false', '"success":true')),
  );
  assertEquals(faultOf("v2-json", "handshake_response", accepted), undefined);
});
