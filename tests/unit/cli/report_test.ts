import { assertEquals } from "@std/assert";
import { asksForJson, errorText } from "../../../src/cli/report.ts";
import { GuestError, ModuleError } from "../../../src/errors.ts";

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

Deno.test("errorText() tells where in a module an error happened, where that is known", () => {
  const trace = ["f (function 1, byte 0x2a)", "_initialize (function 2, byte 0x3b)"];
  const cause = new GuestError("GUEST_TRAPPED", "Cannot finish", { trace });
  const error = new ModuleError("MODULE_DOES_NOT_START", "Cannot start module", { cause, trace });
  assertEquals(errorText(error, false, "Try it").split("\n"), [
    "sentinel-wasm-agent: Cannot start module",
    "  at f (function 1, byte 0x2a)",
    "  at _initialize (function 2, byte 0x3b)",
    "Try it",
    "",
  ]);
  assertEquals(JSON.parse(errorText(error, true)).trace, trace);
  const plain = new ModuleError("MODULE_INVALID", "Cannot use\nmodule");
  assertEquals(errorText(plain, false), "sentinel-wasm-agent: Cannot use\\u{a}module\n");
  assertEquals("trace" in JSON.parse(errorText(plain, true)), false);
});
