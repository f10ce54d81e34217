import { assert } from "@std/assert";
import fc from "fast-check";
import { OPTIONS } from "../../src/cli/options.ts";
import { parseUsage } from "../../src/cli/parse.ts";
import { ConfigError } from "../../src/errors.ts";
import { RUNS } from "./runs.ts";

const names = fc.constantFrom(
  ...Object.keys(OPTIONS),
  "help",
  "version",
  "no-verbose",
  "__proto__",
  "constructor",
  "a.b",
  "",
);
const values = fc.oneof(
  fc.constantFrom("", "1", "-1", "true", "false", "json", "0660", "--", "-", "-v", "x.wasm"),
  fc.string({ maxLength: 6 }),
);
const word = fc.oneof(
  fc.tuple(fc.constantFrom("--", "-", "---", ""), names, fc.constantFrom("", "="), values).map((parts) =>
    parts.join("")
  ),
  values,
  fc.string({ unit: "binary", maxLength: 6 }),
);

Deno.test("parseUsage() reads any command line or refuses it as bad usage", () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), fc.option(values, { nil: undefined }), (words, variable) => {
      try {
        const usage = parseUsage(words, () => variable, OPTIONS);
        if (usage.kind !== "run") return;
        const { socket, module, config, verbose } = usage.options;
        const size = usage.options["pool-size"];
        const mode = usage.options["socket-mode"];
        assert(socket !== "" && (module !== "" || config !== "") && typeof verbose === "boolean");
        assert(Number.isInteger(size) && size >= 1 && size <= 64);
        assert(Number.isInteger(mode) && mode >= 0 && mode <= 0o777);
      } catch (error) {
        assert(error instanceof ConfigError, String(error));
        assert(error.code.startsWith("USAGE_"));
      }
    }),
    { numRuns: 20 * RUNS },
  );
});
