import { assertEquals } from "@std/assert";
import { RawHead } from "../../src/protocol/mod.ts";

const encoder = new TextEncoder();

Deno.test("RawHead: a backslash before a byte that differs from an escape in its top bit is declined", () => {
  const [before, after] = ['{"correlation_id":"', '","headers":{},"status":200}'].map((text) => encoder.encode(text));
  for (const letter of '"\\/bfnrt') {
    const payload = Uint8Array.of(...before!, 0x5c, letter.charCodeAt(0) | 0x80, ...after!);
    assertEquals(new RawHead().scanV2(payload, 0, "response_headers"), false);
  }
});
