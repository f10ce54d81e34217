/**
 * What a decision that reaches a proxy must be, written down a second time and in another way than in the code that makes them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { ByteWriter, type Decision, NEW_RELEASE, OLD_RELEASE, ReplyEncoder } from "../../src/protocol/mod.ts";
import { frameOf } from "../conformance/protocols.ts";
import { faultOf } from "../conformance/reply_schema.ts";
import { type Json, parseStrictJson } from "../conformance/strict_json.ts";

const NAME_CHARACTERS = new Set(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
);
const TAB = 9, SPACE = 32, DELETE = 127;

function isHeaderValue(text: string): boolean {
  return [...text].every((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code === TAB || (code >= SPACE && code !== DELETE);
  });
}

/** Fails unless `decision` may be what a module meant by `text`, and every proxy can read it. */
export function checkDecision(decision: Decision, text: string): void {
  // In fields that mean nothing here a lone surrogate does no harm.
  assertNoKeyTwice(parseStrictJson(new TextEncoder().encode(text), "taken"));
  const result = JSON.parse(text);
  const { verdict } = decision;
  switch (result.decision) {
    case "allow":
      assertEquals(verdict, { kind: "allow" });
      break;
    case "block":
    case "deny":
      assert(verdict.kind === "block");
      assertEquals([verdict.status, verdict.body], [result.status ?? 403, result.body ?? undefined]);
      assert(verdict.status >= 200 && verdict.status <= 599);
      break;
    case "redirect":
      assert(verdict.kind === "redirect");
      assertEquals([verdict.status, verdict.url], [result.status ?? 302, result.body]);
      assert(verdict.status >= 300 && verdict.status <= 399);
      assert(verdict.url.length > 0 && isHeaderValue(verdict.url));
      break;
    default:
      assert(false, `taken: ${JSON.stringify(result.decision)}`);
  }
  assertEquals([...decision.tags], result.tags ?? []);
  for (const op of [...decision.requestHeaders, ...decision.responseHeaders]) {
    assert(op.name.length > 0 && [...op.name].every((character) => NAME_CHARACTERS.has(character)), op.name);
    if (op.op !== "remove") assert(isHeaderValue(op.value), op.value);
  }
  for (const release of [OLD_RELEASE, NEW_RELEASE]) {
    for (const version of [1, 2] as const) {
      const out = new ByteWriter();
      new ReplyEncoder(version, release).put(out, decision, version === 2 ? "id" : undefined);
      const fault = version === 1
        ? faultOf("v1", "agent_response", frameOf(out.written))
        : faultOf("v2-json", "agent_response", frameOf(Uint8Array.of(0x20), out.written));
      assertEquals(fault, undefined);
    }
  }
}

function assertNoKeyTwice(json: Json): void {
  if (json.kind === "list") json.items.forEach(assertNoKeyTwice);
  if (json.kind !== "object") return;
  const names = json.entries.map(([name]) => name);
  assertEquals(new Set(names).size, names.length);
  for (const [, value] of json.entries) assertNoKeyTwice(value);
}
