import { assertEquals } from "@std/assert";
import { FILES } from "../../../src/cli/starters/files.ts";
import { PATHS } from "../../../tools/starter_files.ts";

const ROOT = new URL("../../../", import.meta.url);

Deno.test("deno task starters has put each file of its list into the source, and no other", () => {
  assertEquals(Object.keys(FILES), [...PATHS]);
});

Deno.test("FILES has each file letter for letter: run deno task starters where it has not", () => {
  for (const [path, text] of Object.entries(FILES)) {
    assertEquals(text, Deno.readTextFileSync(new URL(path, ROOT)), path);
  }
});
