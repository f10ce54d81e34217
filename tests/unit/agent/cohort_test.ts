import { assert, assertEquals } from "@std/assert";
import { cohortOf } from "../../../src/agent/cohort.ts";
import { DecodedHead } from "../../../src/protocol/mod.ts";

function request(uri: string): DecodedHead {
  const metadata = { clientIp: "192.0.2.1" };
  return new DecodedHead({ kind: "request_headers", correlationId: "c", method: "GET", uri, headers: {}, metadata });
}

Deno.test("cohortOf() is the same for one path whatever its query, and differs by path", () => {
  assertEquals(cohortOf(request("/login?next=/a")), cohortOf(request("/login?next=/b")));
  assert(cohortOf(request("/login")) !== cohortOf(request("/logout")));
});

Deno.test("cohortOf() of a response is its status", () => {
  const response = (status: number) =>
    new DecodedHead({ kind: "response_headers", correlationId: "c", status, headers: {} });
  assertEquals(cohortOf(response(200)), cohortOf(response(200)));
  assert(cohortOf(response(200)) !== cohortOf(response(500)));
});
