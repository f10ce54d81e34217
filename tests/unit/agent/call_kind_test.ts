import { assert, assertEquals } from "@std/assert";
import { callKind } from "../../../src/agent/call_kind.ts";
import { RawHead } from "../../../src/protocol/mod.ts";
import { decodePayload } from "../../../src/protocol/payload.ts";

/** The kind of a request's call, which must be the same however its head was read. */
function kindOf(uri: string): number {
  const payload = JSON.stringify({
    metadata: { correlation_id: "c", client_ip: "192.0.2.1" },
    method: "GET",
    uri,
    headers: {},
  });
  const decoded = decodePayload("request_headers", JSON.parse(payload));
  const head = new RawHead();
  assertEquals(head.scanV2(new TextEncoder().encode(payload), 0, "request_headers"), true);
  if (decoded.kind !== "request_headers") throw new Error("cannot happen");
  assertEquals(callKind(head.toEvent()), callKind(decoded));
  return callKind(decoded);
}

Deno.test("callKind() is the same for one path whatever its query, and differs by path", () => {
  assertEquals(kindOf("/login?next=/a"), kindOf("/login?next=/b"));
  assertEquals(kindOf("/login"), kindOf("/login?"));
  assert(kindOf("/login") !== kindOf("/logout"));
  assert(kindOf("/") !== kindOf(""));
});

Deno.test("callKind() is the same for a path with escapes, however its head was read", () => {
  for (const uri of ['/"', "/\\\\", '/a"b?"', "/a?\\", '"'.repeat(200), `${"a".repeat(126)}""""`]) kindOf(uri);
});

Deno.test("callKind() looks at no more than the beginning of a long path", () => {
  const long = `/${"a".repeat(10_000)}`;
  assertEquals(kindOf(`${long}b`), kindOf(`${long}c`));
});

Deno.test("callKind() of a response is its status", () => {
  const kind = (status: number) => callKind({ kind: "response_headers", correlationId: "c", status, headers: {} });
  assertEquals(kind(200), kind(200));
  assert(kind(200) !== kind(500));
});
