import { assertEquals } from "@std/assert";
import { MAX_TOLD, UnknownKeys } from "../../../../src/agent/codec/unknown_keys.ts";
import { RESULT_KEYS } from "../../../../src/agent/codec/result.ts";
import type { UnknownKey } from "../../../../src/ops/mod.ts";

function setUp() {
  const told: UnknownKey[] = [];
  return { told, keys: new UnknownKeys("m.wasm", { unknownKey: (key) => told.push(key) }, RESULT_KEYS) };
}

Deno.test("UnknownKeys.see() tells of each key once, with the known one that it comes closest to", () => {
  const { told, keys } = setUp();
  for (let round = 0; round < 3; round++) keys.see(["statsu", "Decision", "add_request_header", "tag"]);
  assertEquals(new Set(told.map(({ module }) => module)), new Set(["m.wasm"]));
  assertEquals(told.map(({ key, nearest }) => [key, nearest]), [
    ["statsu", "status"],
    ["Decision", "decision"],
    ["add_request_header", "add_request_headers"],
    ["tag", "tags"],
  ]);
});

Deno.test(`UnknownKeys.see() tells of ${MAX_TOLD} keys, says with the last that it is, and is silent then`, () => {
  const { told, keys } = setUp();
  for (let index = 0; index < 10 * MAX_TOLD; index++) keys.see([`key${index}`, "key0"]);
  assertEquals(told.map(({ key }) => key), Array.from({ length: MAX_TOLD }, (_, index) => `key${index}`));
  assertEquals(told.map(({ last }) => last), Array.from({ length: MAX_TOLD }, (_, index) => index === MAX_TOLD - 1));
});
