import { assertEquals } from "@std/assert";
import { GuestHost, requestJson } from "./guest_host.ts";

const MODULE = "c-minimal/c_minimal.wasm";

const decisions = [
  { uri: "/", decision: "allow" },
  { uri: "/private", decision: "block" },
  { uri: "/private/x", decision: "block" },
  { uri: "/private?x=1", decision: "block" },
  { uri: "/privateer", decision: "allow" },
  { uri: "/x?next=/private", decision: "allow" },
];

Deno.test.each(decisions)("examples/c-minimal decides $decision for $uri", ({ uri, decision }) => {
  assertEquals(GuestHost.load(MODULE).request(uri).decision, decision);
});

Deno.test("examples/c-minimal gives status, body and tag with a block", () => {
  const answer = GuestHost.load(MODULE).request("/private");
  assertEquals(answer, { decision: "block", status: 403, body: "Private", tags: ["private"] });
});

Deno.test("examples/c-minimal adds a header to requests and to responses", () => {
  const host = GuestHost.load(MODULE);
  assertEquals(host.request("/").add_request_headers, { "x-wasm-agent": "c-minimal" });
  assertEquals(host.response().add_response_headers, { "x-content-type-options": "nosniff" });
});

const places = [
  { place: "a header's name", input: '{"headers":{"uri":"/x"},"uri":"/private"}', decision: "block" },
  { place: "a header's value", input: '{"headers":{"a":"\\"uri\\":\\"/x\\""},"uri" : "/private"}', decision: "block" },
  { place: "no member", input: '{"headers":{"a":"uri"}}', decision: "block" },
  { place: "a text that ends early", input: '{"uri":"/private', decision: "block" },
  { place: "a text that ends in an escape", input: '{"headers":"\\', decision: "block" },
];

Deno.test.each(places)("examples/c-minimal is not misled by $place", ({ input, decision }) => {
  assertEquals(JSON.parse(GuestHost.load(MODULE).callText("on_request_headers", input)).decision, decision);
});

Deno.test("examples/c-minimal answers alloc() with 0 when it has no room", () => {
  const { exports } = GuestHost.load(MODULE);
  assertEquals([exports.alloc(0), exports.alloc(-1), exports.alloc(65_537)], [0, 0, 0]);
  const pointer = exports.alloc(65_536);
  assertEquals(exports.alloc(1), 0);
  exports.dealloc(pointer, 65_536);
  assertEquals(exports.alloc(1), pointer);
});

Deno.test("examples/c-minimal keeps its memory over 200,000 calls", () => {
  const host = GuestHost.load(MODULE);
  const before = host.memoryBytes;
  const inputs = [requestJson("/"), requestJson("/private")];
  for (let call = 0; call < 200_000; call++) host.callText("on_request_headers", inputs[call % 2] ?? "");
  assertEquals(host.memoryBytes, before);
});
