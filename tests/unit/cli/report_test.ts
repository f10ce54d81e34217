import { assertEquals } from "@std/assert";
import { asksForJson } from "../../../src/cli/report.ts";

Deno.test.each<{ readonly words: readonly string[]; readonly format?: string; readonly json: boolean }>([
  { words: [], json: false },
  { words: ["--log-format", "json"], json: true },
  { words: ["--bogus", "--log-format=json", "extra"], json: true },
  { words: ["--log-format"], json: false },
  { words: ["--log-format=text"], format: "json", json: false },
  { words: ["--log-format=auto"], format: "json", json: false },
  { words: ["--verbose"], format: "json", json: true },
  { words: ["--verbose"], format: "text", json: false },
  { words: ["--log-format=json"], format: "text", json: true },
  { words: ["--socket=json"], json: false },
])("asksForJson() says $json for $words and LOG_FORMAT=$format", ({ words, format, json }) => {
  assertEquals(asksForJson(words, (name) => name === "LOG_FORMAT" ? format : undefined), json);
});

Deno.test("asksForJson() says no where the variable cannot be read", () => {
  const unreadable = () => {
    throw new TypeError("not UTF-8");
  };
  assertEquals(asksForJson([], unreadable), false);
});
