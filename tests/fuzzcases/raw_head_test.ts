import { assertEquals } from "@std/assert";
import { RawHead } from "../../src/protocol/scan/raw_head.ts";

const encoder = new TextEncoder();

Deno.test("RawHead: a backslash before a byte that differs from an escape in its top bit is declined", () => {
  const [before, after] = ['{"correlation_id":"', '","headers":{},"status":200}'].map((text) => encoder.encode(text));
  for (const letter of '"\\/bfnrt') {
    const payload = Uint8Array.of(...before!, 0x5c, letter.charCodeAt(0) | 0x80, ...after!);
    assertEquals(new RawHead().scanV2(payload, 0, "response_headers"), false);
  }
});

Deno.test("RawHead: a header without a name is none of HTTP/2's, whatever the head before had in that place", () => {
  const scan = (head: RawHead, headers: string) => {
    assertEquals(
      head.scanV2(encoder.encode(`{"correlation_id":"","headers":${headers},"status":200}`), 0, "response_headers"),
      true,
    );
    return new TextDecoder().decode(head.headers);
  };
  const head = new RawHead();
  assertEquals(scan(head, '{":path":["/"]}'), "");
  assertEquals(scan(head, '{"":["a"]}'), '"":"a"');
});
