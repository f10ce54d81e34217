import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { decodeChecked, encodeChecked } from "../../../../src/agent/codec/checked_result.ts";
import { parseResultV2, RESULT_KEYS_V2 } from "../../../../src/agent/codec/result_v2.ts";
import { GuestError } from "../../../../src/errors.ts";
import type { Decision } from "../../../../src/protocol/mod.ts";

const encoder = new TextEncoder();
const bytesOf = (result: unknown) => encoder.encode(typeof result === "string" ? result : JSON.stringify(result));

/** A decision without what is not given, as it leaves a thread. */
function parse(result: unknown): Partial<Decision> {
  return JSON.parse(JSON.stringify(parseResultV2(bytesOf(result)).decision));
}

const ALLOW = { verdict: { kind: "allow" }, requestHeaders: [], responseHeaders: [], tags: [] };

interface Good {
  readonly name: string;
  readonly result: unknown;
  readonly decision: unknown;
}

const GOOD: readonly Good[] = [
  { name: "allow", result: { decision: "allow" }, decision: ALLOW },
  {
    name: "block with 403 by default",
    result: { decision: "block" },
    decision: { ...ALLOW, verdict: { kind: "block", status: 403 } },
  },
  {
    name: "deny with all that a block has, header names in lower case and their values joined",
    result: {
      decision: "deny",
      status: 429,
      body: "no",
      headers: { "Retry-After": "1", "vary": ["a", "b"], "Vary": "c" },
    },
    decision: {
      ...ALLOW,
      verdict: { kind: "block", status: 429, body: "no", headers: { "retry-after": "1", vary: "a, b, c" } },
    },
  },
  {
    name: "one cookie in a block",
    result: { decision: "block", headers: { "set-cookie": ["a=1"] } },
    decision: { ...ALLOW, verdict: { kind: "block", status: 403, headers: { "set-cookie": "a=1" } } },
  },
  {
    name: "redirect with 302 by default",
    result: { decision: "redirect", url: "/a" },
    decision: { ...ALLOW, verdict: { kind: "redirect", status: 302, url: "/a" } },
  },
  {
    name: "redirect whose body is a body",
    result: { decision: "redirect", status: 308, url: "/a", body: "b", headers: { a: "1" } },
    decision: { ...ALLOW, verdict: { kind: "redirect", status: 308, url: "/a", body: "b", headers: { a: "1" } } },
  },
  {
    name: "challenge",
    result: { decision: "challenge", challenge: { type: "js", params: { a: "1", "www-authenticate": "2" } } },
    decision: { ...ALLOW, verdict: { kind: "challenge", type: "js", params: { a: "1", "www-authenticate": "2" } } },
  },
  {
    name: "challenge without params",
    result: { decision: "challenge", challenge: { type: "js", params: null } },
    decision: { ...ALLOW, verdict: { kind: "challenge", type: "js", params: {} } },
  },
  {
    name: "headers removed, then set, then added, in whichever order they stand",
    result: {
      add_request_headers: { a: ["4", "5"], b: "6" },
      set_request_headers: { a: ["1", "2"], b: "3" },
      remove_request_headers: ["c"],
      decision: "allow",
      set_response_headers: { d: "" },
      remove_response_headers: ["e", "f"],
      add_response_headers: { "set-cookie": ["a=1", "b=2"] },
    },
    decision: {
      ...ALLOW,
      requestHeaders: [
        { op: "remove", name: "c" },
        { op: "set", name: "a", value: "1" },
        { op: "add", name: "a", value: "2" },
        { op: "set", name: "b", value: "3" },
        { op: "add", name: "a", value: "4" },
        { op: "add", name: "a", value: "5" },
        { op: "add", name: "b", value: "6" },
      ],
      responseHeaders: [
        { op: "remove", name: "e" },
        { op: "remove", name: "f" },
        { op: "set", name: "d", value: "" },
        { op: "add", name: "set-cookie", value: "a=1" },
        { op: "add", name: "set-cookie", value: "b=2" },
      ],
    },
  },
  {
    name: "all that goes into the audit log and to the router",
    result: {
      decision: "allow",
      tags: ["t"],
      rule_ids: ["r"],
      reason_codes: ["c"],
      confidence: 0.5,
      routing_metadata: { a: "b" },
      audit: { a: [1, null, { b: true }], "": "x" },
    },
    decision: {
      ...ALLOW,
      tags: ["t"],
      audit: { ruleIds: ["r"], reasonCodes: ["c"], confidence: 0.5, custom: { a: [1, null, { b: true }], "": "x" } },
      routingMetadata: { a: "b" },
    },
  },
  ...[0, 1].map((confidence) => ({
    name: `a confidence of ${confidence}`,
    result: { decision: "allow", confidence },
    decision: { ...ALLOW, audit: { ruleIds: [], reasonCodes: [], confidence, custom: {} } },
  })),
];

for (const { name, result, decision } of GOOD) {
  Deno.test(`parseResultV2() takes ${name}`, () => assertEquals(parse(result), decision as Partial<Decision>));

  Deno.test(`decodeChecked() gives what encodeChecked() was given by ABI 2: ${name}`, () => {
    const checked = decodeChecked(encodeChecked(bytesOf(result), { dialect: "agent/2" }));
    assertEquals(JSON.stringify(checked), JSON.stringify(parseResultV2(bytesOf(result))));
  });
}

Deno.test("parseResultV2() keeps names like __proto__ in objects of a module's own", () => {
  const maps = '{"__proto__":"x"}';
  const text = `{"decision":"block","headers":${maps},"routing_metadata":${maps},"audit":${maps}}`;
  const { verdict, routingMetadata, audit } = parseResultV2(bytesOf(text)).decision;
  const kept = [verdict.kind === "block" && verdict.headers, routingMetadata, audit?.custom];
  assertEquals(kept.map((map) => JSON.stringify(map)), [maps, maps, maps]);
});

const BAD: readonly { readonly fields: unknown; readonly says: string }[] = [
  { fields: {}, says: '\'decision\' as it must be "allow", "block", "deny", "redirect" or "challenge"' },
  { fields: { decision: "alow" }, says: 'received "alow"' },
  { fields: { decision: "allow", status: 199 }, says: "'status'" },
  { fields: { decision: "block", status: 600 }, says: "'status'" },
  {
    fields: { decision: "redirect", body: "/a" },
    says: "'url' as it must be the URL of the redirect: received nothing",
  },
  { fields: { decision: "redirect", url: "" }, says: "'url'" },
  { fields: { decision: "redirect", url: "/\r\na: b" }, says: "'url' as it must be free of CR" },
  { fields: { decision: "redirect", url: "/", status: 299 }, says: "'status'" },
  { fields: { decision: "redirect", url: "/", status: 400 }, says: "'status'" },
  { fields: { decision: "allow", url: 1 }, says: "'url'" },
  { fields: { decision: "challenge" }, says: "'challenge'" },
  { fields: { decision: "challenge", challenge: "js" }, says: "'challenge'" },
  { fields: { decision: "challenge", challenge: { params: {} } }, says: "'challenge.type'" },
  { fields: { decision: "challenge", challenge: { type: "" } }, says: "'challenge.type'" },
  { fields: { decision: "challenge", challenge: { type: "a", params: { b: 1 } } }, says: "'challenge.params.b'" },
  { fields: { decision: "challenge", challenge: { type: "a", params: { b: "\n" } } }, says: "'challenge.params.b'" },
  { fields: { decision: "challenge", challenge: { type: "a", parms: {} } }, says: 'received "parms"' },
  { fields: { decision: "challenge", challenge: { type: "a" }, status: 401 }, says: "'status'" },
  { fields: { decision: "block", headers: { "a b": "1" } }, says: "'headers'" },
  { fields: { decision: "block", headers: { a: "1\n" } }, says: "'headers.a'" },
  { fields: { decision: "block", headers: { a: [] } }, says: "'headers.a'" },
  { fields: { decision: "block", headers: ["a"] }, says: "'headers'" },
  {
    fields: { decision: "block", headers: { "set-cookie": "a=1", "Set-Cookie": "b=2" } },
    says: "'headers.set-cookie'",
  },
  ...["set", "add"].flatMap((verb) =>
    ["request", "response"].flatMap((side) => {
      const key = `${verb}_${side}_headers`;
      return [
        { fields: { decision: "allow", [key]: { a: [] } }, says: `'${key}.a'` },
        { fields: { decision: "allow", [key]: { a: ["1", 2] } }, says: `'${key}.a'` },
        { fields: { decision: "allow", [key]: { a: ["1", "\r"] } }, says: `'${key}.a'` },
        { fields: { decision: "allow", [key]: { "": "1" } }, says: `'${key}'` },
        { fields: { decision: "allow", [key]: "a" }, says: `'${key}'` },
      ];
    })
  ),
  { fields: { decision: "allow", remove_request_headers: ["a\n"] }, says: "'remove_request_headers'" },
  { fields: { decision: "allow", rule_ids: "a" }, says: "'rule_ids'" },
  { fields: { decision: "allow", reason_codes: [1] }, says: "'reason_codes'" },
  { fields: { decision: "allow", confidence: 1.0000001 }, says: "'confidence'" },
  { fields: { decision: "allow", confidence: -0.0000001 }, says: "'confidence'" },
  { fields: { decision: "allow", confidence: "1" }, says: "'confidence'" },
  { fields: { decision: "allow", routing_metadata: { a: 1 } }, says: "'routing_metadata.a'" },
  { fields: '{"decision":"allow","routing_metadata":{"\\ud800":"1"}}', says: "'routing_metadata'" },
  { fields: { decision: "allow", audit: [] }, says: "'audit'" },
  { fields: { decision: "allow", audit: { correlation_id: "x" } }, says: "'audit'" },
  { fields: '{"decision":"allow","audit":{"a":[{"b":"\\ud800"}]}}', says: "'audit'" },
  { fields: '{"decision":"allow","audit":{"a":{"\\udfff":1}}}', says: "'audit'" },
];

for (const { fields, says } of BAD) {
  Deno.test(`parseResultV2() refuses ${JSON.stringify(fields)}`, () => {
    const error = assertThrows(() => parseResultV2(bytesOf(fields)), GuestError);
    assertEquals(error.code, "GUEST_BAD_RESULT");
    assertStringIncludes(error.message, says);
  });
}

Deno.test("parseResultV2() takes null in any key but decision for not given, and tells of keys that are none", () => {
  const nothing = Object.fromEntries(RESULT_KEYS_V2.map((key) => [key, key === "decision" ? "allow" : null]));
  const { decision, unknownKeys } = parseResultV2(bytesOf({ ...nothing, set_headers: null, redirect: 1 }));
  assertEquals(JSON.parse(JSON.stringify(decision)), ALLOW);
  assertEquals(unknownKeys, ["set_headers", "redirect"]);
  assertThrows(() => parse({ ...nothing, decision: null }), GuestError);
});
