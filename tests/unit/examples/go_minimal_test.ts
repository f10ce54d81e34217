import { assert, assertEquals } from "@std/assert";
import { GuestHost, requestJson } from "./guest_host.ts";

const start = () => GuestHost.load("go-minimal/go_minimal.wasm");

const decisions = [
  { uri: "/", decision: "allow" },
  { uri: "/private", decision: "block" },
  { uri: "/private/x?y=1", decision: "block" },
  { uri: "/privateer", decision: "allow" },
  { uri: "/x?next=/private", decision: "allow" },
];

Deno.test.each(decisions)("examples/go-minimal decides $decision for $uri", ({ uri, decision }) => {
  assertEquals(start().request(uri).decision, decision);
});

Deno.test("examples/go-minimal gives status, body and tag with a block", () => {
  const answer = start().request("/private");
  assertEquals(answer, { decision: "block", status: 403, body: "Private", tags: ["private"] });
});

Deno.test("examples/go-minimal adds a header to requests and to responses", () => {
  const host = start();
  assertEquals(host.request("/").add_request_headers, { "x-wasm-agent": "go-minimal" });
  assertEquals(host.response().add_response_headers, { "x-content-type-options": "nosniff" });
});

Deno.test("examples/go-minimal prints one line to stdout and one to stderr for /log, line breaks escaped", () => {
  const host = start();
  host.request("/log?a\nforged");
  assertEquals(host.stdout, ['go-minimal saw GET "/log?a\\nforged"']);
  assertEquals(host.stderr, ["go-minimal writes to stderr too"]);
});

Deno.test("examples/go-minimal prints nothing for other uris", () => {
  const host = start();
  host.request("/");
  assertEquals([host.stdout, host.stderr], [[], []]);
});

Deno.test("examples/go-minimal answers malformed input with 400", () => {
  const host = start();
  for (const input of ["", "{", "{}", "null", '{"uri":1}']) {
    assertEquals(JSON.parse(host.callText("on_request_headers", input)).status, 400);
  }
});

Deno.test("examples/go-minimal settles its memory over 200,000 calls", () => {
  const host = start();
  const inputs = [requestJson("/"), requestJson("/private")];
  const run = (calls: number) => {
    for (let call = 0; call < calls; call++) host.callText("on_request_headers", inputs[call % 2] ?? "");
  };
  // The collector's heap reaches its size within the first tens of thousands of calls.
  run(50_000);
  const before = host.memoryBytes;
  run(200_000);
  assert(host.memoryBytes - before <= 16 * 65_536, `grew from ${before} to ${host.memoryBytes} bytes`);
});
