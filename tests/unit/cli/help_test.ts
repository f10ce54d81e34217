import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { helpText, optionsTable } from "../../../src/cli/help.ts";
import { type Option, OPTIONS, showDefault } from "../../../src/cli/options.ts";

const LINES = helpText().split("\n");

for (const [name, option] of Object.entries<Option>(OPTIONS)) {
  Deno.test(`helpText() has one line for --${name} with its variable and default`, () => {
    const lines = LINES.filter((line) => new RegExp(`(^|\\s)--${name}\\s`).test(line) && line.includes(option.help));
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0]!, `[${option.env}]`);
    assertStringIncludes(lines[0]!, `(default: ${showDefault(option)})`);
    if (option.short !== undefined) assertStringIncludes(lines[0]!, `-${option.short}, --${name}`);
  });

  Deno.test(`optionsTable() has one row for --${name} with its variable and default`, () => {
    const rows = optionsTable().split("\n").filter((row) => row.startsWith(`| \`--${name}\` | \`${option.env}\` |`));
    assertEquals(rows.length, 1);
    assertStringIncludes(rows[0]!, showDefault(option));
    assertEquals(rows[0]!.split("|").length, 6);
  });
}

for (const word of ["--help", "-h", "--version", "try", "Exit codes"]) {
  Deno.test(`helpText() tells of ${word}`, () => assertStringIncludes(helpText(), word));
}

Deno.test("helpText() has no line that ends in white space", () => {
  for (const line of LINES) assertEquals(line, line.trimEnd());
});

Deno.test("OPTIONS names no variable and no letter twice", () => {
  const options = Object.values<Option>(OPTIONS);
  assertEquals(new Set(options.map(({ env }) => env)).size, options.length);
  const letters = options.flatMap(({ short }) => short ?? []);
  assertEquals(new Set([...letters, "h"]).size, letters.length + 1);
});

Deno.test("OPTIONS keeps every default within its own limits", () => {
  for (const option of Object.values<Option>(OPTIONS)) {
    if (option.type === "integer") assert(option.default >= option.min && option.default <= option.max);
    if (option.type === "choice") assert(option.choices.includes(option.default));
  }
});

const DEFAULTS = [
  { option: OPTIONS["socket-mode"], shown: "0660" },
  { option: OPTIONS.module, shown: "(required)" },
  { option: OPTIONS["pool-size"], shown: "4" },
  { option: OPTIONS.verbose, shown: "false" },
  { option: OPTIONS.socket, shown: "/tmp/sentinel-wasm.sock" },
];

for (const { option, shown } of DEFAULTS) {
  Deno.test(`showDefault() writes ${shown} for ${option.env}`, () => assertEquals(showDefault(option), shown));
}

const SEED = [
  { flag: "--socket", env: "AGENT_SOCKET", fallback: "/tmp/sentinel-wasm.sock" },
  { flag: "--module", env: "WASM_MODULE", fallback: "(required)" },
  { flag: "--pool-size", env: "WASM_POOL_SIZE", fallback: "4" },
  { flag: "--verbose", env: "WASM_VERBOSE", fallback: "false" },
  { flag: "--fail-open", env: "FAIL_OPEN", fallback: "false" },
];

for (const { flag, env, fallback } of SEED) {
  Deno.test(`OPTIONS keeps ${flag}, ${env} and its default ${fallback}`, () => {
    const entry = Object.entries<Option>(OPTIONS).find(([name]) => `--${name}` === flag);
    assertEquals([entry?.[1].env, entry && showDefault(entry[1])], [env, fallback]);
  });
}
