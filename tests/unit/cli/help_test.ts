import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { helpText, optionsTable } from "../../../src/cli/help.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { type Option, OPTIONS, showDefault } from "../../../src/cli/options.ts";
import { parseUsage } from "../../../src/cli/parse.ts";

/** Help of all, and of each command. */
const PAGES = [undefined, ...Object.keys(COMMANDS)].map((name) => ({ name, text: helpText(name) }));

/** What a page says of each option: its line and those that go on with it, as one line. */
function entriesOf(text: string): readonly string[] {
  return text.replaceAll(/\n {10,}/g, " ").split("\n");
}

const OPTION_ROWS = Object.entries(COMMANDS).flatMap(([command, { options }]) =>
  Object.entries(options).map(([name, option]) => ({ command, name, option }))
);

Deno.test.each(OPTION_ROWS)("helpText() of $command has one entry for --$name with its variable and default", (row) => {
  const { command, name, option } = row;
  const flag = option.positional ? `^    ${name.toUpperCase()} ` : `(^|\\s)--${name}(\\s|$)`;
  const lines = entriesOf(helpText(command)).filter((line) =>
    new RegExp(flag).test(line) && line.includes(option.help)
  );
  assertEquals(lines.length, 1);
  if (option.env !== undefined) assertStringIncludes(lines[0]!, `[${option.env}]`);
  assertStringIncludes(lines[0]!, showDefault(option));
  if (option.short !== undefined) assertStringIncludes(lines[0]!, `-${option.short}, --${name}`);
  if (option.type === "choice") assertStringIncludes(lines[0]!, option.choices.join(", "));
});

Deno.test("helpText() without a command tells of each command, and of the options of serving", () => {
  const entries = entriesOf(helpText());
  for (const [name, command] of Object.entries(COMMANDS)) {
    if (command === COMMANDS.serve) continue;
    assertEquals(entries.filter((line) => line.startsWith(`  ${name} `) && line.includes(command.summary)).length, 1);
  }
  for (const name of Object.keys(OPTIONS)) {
    assertEquals(
      entries.filter((line) => line.slice(2).trimStart().replace(/^-\w, /, "").startsWith(`--${name} `)).length,
      1,
    );
  }
});

Deno.test.each(Object.entries(COMMANDS).map(([name, command]) => ({ name, command })))(
  "helpText() of $name has examples that its command line takes, and its exit codes",
  ({ name, command }) => {
    const text = helpText(name);
    assert(command.examples.length > 0);
    for (const { words, does } of command.examples) {
      assertStringIncludes(text.replaceAll(/ \\\n\s*/g, " "), `$ sentinel-wasm-agent ${words}`);
      assert(/^[A-Z].*\.$/.test(does), does);
    }
    for (const [code, meaning] of Object.entries(command.exit)) assertStringIncludes(text, `    ${code}  ${meaning}`);
  },
);

for (const [name, option] of Object.entries<Option>(OPTIONS)) {
  Deno.test(`optionsTable() has one row for --${name} with its variable and default`, () => {
    const rows = optionsTable().split("\n").filter((row) => row.startsWith(`| \`--${name}\` | \`${option.env}\` |`));
    assertEquals(rows.length, 1);
    assertStringIncludes(rows[0]!, showDefault(option));
    assertEquals(rows[0]!.split("|").length, 6);
  });
}

for (const word of ["--help", "-h", "--version", "help COMMAND", "Exit codes"]) {
  Deno.test(`helpText() tells of ${word}`, () => assertStringIncludes(helpText(), word));
}

Deno.test.each(PAGES)(
  "helpText() of $name fits a terminal of 80 columns, and has no line that ends in white space",
  ({ text }) => {
    for (const line of text.split("\n")) {
      assert(line.length <= 80, line);
      assertEquals(line, line.trimEnd());
    }
  },
);

Deno.test("OPTIONS names no variable and no letter twice", () => {
  const options = Object.values<Option>(OPTIONS);
  assertEquals(new Set(options.map(({ env }) => env)).size, options.length);
  const letters = options.flatMap(({ short }) => short ?? []);
  assertEquals(new Set([...letters, "h"]).size, letters.length + 1);
});

Deno.test("OPTIONS keeps every default within its own limits", () => {
  for (const option of Object.values<Option>(OPTIONS)) {
    if (option.type === "integer") assert(option.default >= option.min && option.default <= option.max);
    if (option.type === "choice") assert(option.choices.includes(option.default ?? ""));
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

// The limits themselves, on both sides, whatever the table says of them.
const LIMITS = [
  { name: "pool-size", min: 1, max: 64 },
  { name: "lanes", min: 1, max: 64 },
  { name: "reserve-threads", min: 0, max: 64 },
  { name: "timeout-ms", min: 1, max: 60_000 },
  { name: "start-timeout-ms", min: 1, max: 60_000 },
  { name: "max-memory", min: 1, max: 4_096 },
  { name: "max-table-entries", min: 1, max: 10_000_000 },
  { name: "max-requests-per-instance", min: 0, max: 1_000_000_000 },
  { name: "queue-size", min: 0, max: 100_000 },
  { name: "ready-max-errors", min: 0, max: 100 },
  { name: "ready-fd", min: 0, max: 1_023 },
  { name: "record-max-mb", min: 1, max: 100_000 },
] as const;

for (const { name, min, max } of LIMITS) {
  Deno.test(`--${name} takes ${min} and ${max}, and neither ${min - 1} nor ${max + 1}`, () => {
    const read = (value: number) => parseUsage([`--${name}=${value}`], () => undefined, { [name]: OPTIONS[name] });
    for (const value of [min, max]) {
      const usage = read(value);
      assertEquals(usage.kind === "run" && usage.options[name], value);
    }
    for (const value of [min - 1, max + 1]) assertThrows(() => read(value), ConfigError, `${min} to ${max}`);
  });
}

Deno.test("every number among the options has its limits tested", () => {
  const numbers = Object.entries<Option>(OPTIONS).filter(([, { type }]) => type === "integer").map(([name]) => name);
  assertEquals(numbers.toSorted(), LIMITS.map(({ name }) => name as string).toSorted());
});
