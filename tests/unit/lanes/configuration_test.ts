import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { MAX_CONFIGURATION_BYTES, readConfiguration } from "../../../src/lanes/configuration.ts";
import { TempDir } from "../../e2e/agent_process.ts";

Deno.test("readConfiguration() gives JSON as it is, of a text or of a file, whatever it is", async () => {
  assertEquals(await readConfiguration({ json: ' {"a": 1}' }), ' {"a": 1}');
  using dir = new TempDir();
  assertEquals(await readConfiguration({ path: dir.write("c.json", "[1]\n") }), "[1]\n");
});

Deno.test("readConfiguration() takes a file at its limit and refuses one byte more", async () => {
  using dir = new TempDir();
  const text = `"${"x".repeat(MAX_CONFIGURATION_BYTES - 2)}"`;
  assertEquals(await readConfiguration({ path: dir.write("c.json", text) }), text);
  const path = dir.write("d.json", `${text} `);
  const { code, message } = await assertRejects(() => readConfiguration({ path }), ConfigError);
  assertEquals(code, "CONFIG_UNREADABLE");
  assertStringIncludes(message, "received 1048577");
});

Deno.test.each([
  { name: "what is no JSON", content: '{"key": "s3cret" 1}', says: "must be JSON: received other text at position 17" },
  { name: "what is no JSON at all", content: "s3cret", says: "must be JSON: received other text" },
  { name: "what is not UTF-8", content: Uint8Array.of(0x22, 0xff, 0x22), says: "must be UTF-8" },
  { name: "a folder", content: undefined, says: "must be a regular file" },
])("readConfiguration() refuses $name, and shows none of it", async ({ content, says }) => {
  using dir = new TempDir();
  const path = content === undefined ? dir.path : dir.write("c.json", content);
  const { message } = await assertRejects(() => readConfiguration({ path }), ConfigError);
  assertStringIncludes(message, says);
  assert(!message.includes("s3c"), message);
});

Deno.test("readConfiguration() refuses a text that is no JSON, and a file that is not there", async () => {
  const text = await assertRejects(() => readConfiguration({ json: '{"key":"s3cret"' }), ConfigError);
  assertStringIncludes(text.message, "module configuration as it must be JSON");
  assert(!text.message.includes("s3cret"), text.message);
  const file = await assertRejects(() => readConfiguration({ path: "/nowhere/c.json" }), ConfigError);
  assertStringIncludes(file.message, '"/nowhere/c.json" as it must be a readable file');
});
