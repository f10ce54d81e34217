import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Command } from "../../../src/cli/command.ts";
import { allFlags, callOf, COMMANDS, type Commands } from "../../../src/cli/commands.ts";
import { helpText } from "../../../src/cli/help.ts";
import { OPTIONS } from "../../../src/cli/options.ts";
import { parseUsage } from "../../../src/cli/parse.ts";
import { ConfigError } from "../../../src/errors.ts";

/** What the options of a toy were. */
const ran: unknown[] = [];

const TOY: Command = {
  summary: "plays with a module, as often as it is told",
  options: {
    "module": OPTIONS.module,
    "times": { type: "integer", default: 2, min: 1, max: 9, short: "t", help: "How often to play" },
  },
  examples: [{ words: "toy --module m.wasm", does: "Play." }],
  exit: { 0: "played" },
  run({ options, given }) {
    ran.push([options, [...given.keys()]]);
    return Promise.resolve(0);
  },
};

/** The program's commands and one row more. */
const WITH_TOY: Commands = { ...COMMANDS, toy: TOY };

function runs(words: readonly string[]): Promise<number> {
  const { command, words: rest } = callOf(words, WITH_TOY);
  const usage = parseUsage(rest, () => undefined, command.options, { elsewhere: allFlags(WITH_TOY) });
  assert(usage.kind === "run");
  return command.run(usage);
}

Deno.test.each<{ readonly words: readonly string[]; readonly means: keyof typeof COMMANDS; readonly rest: number }>([
  { words: [], means: "serve", rest: 0 },
  { words: ["--module", "m.wasm"], means: "serve", rest: 2 },
  { words: ["--socket", "try"], means: "serve", rest: 2 },
  { words: ["tries"], means: "serve", rest: 1 },
  { words: ["Try"], means: "serve", rest: 1 },
  { words: ["constructor"], means: "serve", rest: 1 },
  { words: ["__proto__"], means: "serve", rest: 1 },
  { words: ["serve", "--module", "m.wasm"], means: "serve", rest: 2 },
  { words: ["try"], means: "try", rest: 0 },
  { words: ["try", "--uri", "/"], means: "try", rest: 2 },
  { words: ["try", "try"], means: "try", rest: 1 },
  { words: ["invoke", "m.wasm"], means: "invoke", rest: 1 },
])("callOf() takes $words for $means", ({ words, means, rest }) => {
  const call = callOf(words);
  assertEquals(call.command, COMMANDS[means]);
  assertEquals(call.name, words[0] === means ? means : undefined);
  assertEquals(call.words, words.slice(words.length - rest));
});

Deno.test("a command and its options are one row: it is called, and gets its values", async () => {
  ran.length = 0;
  assertEquals(await runs(["toy", "--module", "m.wasm", "-t", "3"]), 0);
  assertEquals(await runs(["toy", "--module=m.wasm"]), 0);
  assertEquals(ran, [
    [{ module: "m.wasm", times: 3 }, ["module", "times"]],
    [{ module: "m.wasm", times: 2 }, ["module"]],
  ]);
});

Deno.test("a command and its options are one row: what it does not take is refused", () => {
  for (
    const { words, says } of [
      { words: ["toy"], says: '"--module" (or WASM_MODULE) must be given' },
      { words: ["toy", "--module=m.wasm", "--times=10"], says: "1 to 9" },
      { words: ["toy", "--uri=/"], says: "which another command has" },
      { words: ["--times=2"], says: "which another command has" },
      { words: ["toy", "--tims=2"], says: 'did you mean "--times"?' },
    ]
  ) {
    const error = assertThrows(() => runs(words), ConfigError);
    assertStringIncludes(error.message, says);
  }
});

Deno.test("a command and its options are one row: its help tells of it", () => {
  assertStringIncludes(helpText(undefined, WITH_TOY), "\n  toy          plays with a module, as often as it is told\n");
  const help = helpText("toy", WITH_TOY);
  assertStringIncludes(help, "NAME\n    toy - plays with a module, as often as it is told\n");
  assertStringIncludes(help, "\n    sentinel-wasm-agent toy [options]\n");
  assertStringIncludes(help.replaceAll(/ +/g, " "), "\n -t, --times N How often to play (default: 2)\n");
});

for (const [name, { summary, options }] of Object.entries(COMMANDS)) {
  Deno.test(`COMMANDS says of ${name} what it does, as the end of a sentence`, () => {
    assert(/^[a-z].*[a-z)]$/.test(summary), summary);
    assertStringIncludes(helpText(name).replaceAll(/\s+/g, " "), `${name} - ${summary}`);
  });

  Deno.test(`COMMANDS has no letter of ${name} twice`, () => {
    const letters = Object.values(options).flatMap(({ short }) => short ?? []);
    assertEquals(new Set([...letters, "h"]).size, letters.length + 1);
  });
}
