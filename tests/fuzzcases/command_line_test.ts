import { assertEquals, assertThrows } from "@std/assert";
import { OPTIONS } from "../../src/cli/options.ts";
import { parseUsage } from "../../src/cli/parse.ts";
import { ConfigError } from "../../src/errors.ts";

// All that the argument splitter reads in a way of its own.
const WORDS = ["--no-fail-open=true", "--no-module=x", "--no-socket=", "--no-help=x"];

for (const word of WORDS) {
  Deno.test(`parseUsage(): ${word} is an unknown option`, () => {
    const error = assertThrows(
      () => parseUsage([word], () => undefined, OPTIONS),
      ConfigError,
    );
    assertEquals(error.code, "USAGE_UNKNOWN_OPTION");
  });
}

Deno.test("parseUsage(): a configuration file of a blank path takes the place of a module", () => {
  const usage = parseUsage(["--config= "], () => undefined, OPTIONS);
  assertEquals(usage.kind === "run" && [usage.options.config, usage.options.module], [" ", ""]);
});
