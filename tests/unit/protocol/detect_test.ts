import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../src/errors.ts";
import { detectProtocol } from "../../../src/protocol/mod.ts";

const VERSIONS: ReadonlyMap<number, 1 | 2> = new Map([
  [0x01, 2],
  [0x7b, 1],
  [0x20, 1],
  [0x09, 1],
  [0x0a, 1],
  [0x0d, 1],
]);

for (const [byte, version] of VERSIONS) {
  Deno.test(`detectProtocol() takes byte ${byte.toString(16).padStart(2, "0")} for v${version}`, () => {
    assertEquals(detectProtocol(byte), version);
  });
}

Deno.test("detectProtocol() refuses every other byte, naming it", () => {
  for (let byte = 0; byte < 256; byte++) {
    if (VERSIONS.has(byte)) continue;
    const shown = byte.toString(16).padStart(2, "0");
    const error = assertThrows(() => detectProtocol(byte), ProtocolError, `received ${shown}`);
    assertEquals(error.code, "PROTOCOL_UNKNOWN");
  }
});
