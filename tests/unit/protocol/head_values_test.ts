import { assertEquals } from "@std/assert";
import { headersOf, metadataOf } from "../../../src/protocol/mod.ts";
import { decodePayload } from "../../../src/protocol/payload.ts";
import { headOf } from "./wires.ts";

function request(headers: Readonly<Record<string, readonly string[]>>, metadata: Readonly<Record<string, unknown>>) {
  const ids = { correlation_id: "c", client_ip: "192.0.2.1" };
  return headOf(
    decodePayload("request_headers", { method: "GET", uri: "/", headers, metadata: { ...ids, ...metadata } }),
  );
}

Deno.test("headersOf() gives names to values in their order, whatever a header is called", () => {
  const headers: Record<string, readonly string[]> = JSON.parse('{"a":["1","2"],"__proto__":["x"]}');
  assertEquals([...headersOf(request(headers, {}))], [["a", ["1", "2"]], ["__proto__", ["x"]]]);
});

Deno.test("metadataOf() gives what the proxy tells besides the head, and nothing for a response", () => {
  assertEquals(metadataOf(request({}, { server_name: "example.com" })).server_name, "example.com");
  const response = headOf(decodePayload("response_headers", { correlation_id: "c", status: 200, headers: {} }));
  assertEquals(metadataOf(response), {});
});
