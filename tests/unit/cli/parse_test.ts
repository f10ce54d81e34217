import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { allFlags } from "../../../src/cli/commands.ts";
import { type Option, OPTIONS, type Options } from "../../../src/cli/options.ts";
import { TRY_OPTIONS } from "../../../src/cli/rows/try.ts";
import { parseUsage } from "../../../src/cli/parse.ts";

type Env = Readonly<Record<string, string>>;

/** The same where a word without a flag is the module. */
const POSITIONAL = { ...OPTIONS, module: { ...OPTIONS.module, positional: true } } as const;

const NAMES: (keyof typeof OPTIONS)[] = [];
for (const name of Object.keys(OPTIONS)) if (isName(name)) NAMES.push(name);

function isName(name: string): name is keyof typeof OPTIONS {
  return Object.hasOwn(OPTIONS, name);
}

function parse(words: readonly string[], env: Env = {}) {
  return parseUsage(words, (name) => env[name], OPTIONS);
}

/** Options of a command line that has a module, or that `env` gives one. */
function options(words: readonly string[], env: Env = {}): Readonly<Record<string, unknown>> {
  const usage = parse(words, { WASM_MODULE: "m.wasm", ...env });
  if (usage.kind !== "run") throw new TypeError(`received ${usage.kind}`);
  return usage.options;
}

function refusal(words: readonly string[], env: Env = {}): ConfigError {
  return assertThrows(() => parse(words, { WASM_MODULE: "m.wasm", ...env }), ConfigError);
}

Deno.test("parseUsage() gives every option its default", () => {
  assertEquals(options([]), {
    "socket": "/tmp/sentinel-wasm.sock",
    "module": "m.wasm",
    "module-config": "{}",
    "config": "",
    "pool-size": 4,
    "lanes": 1,
    "verbose": false,
    "watch": false,
    "fail-open": false,
    "socket-mode": 0o660,
    "log-format": "auto",
    "timeout-ms": 40,
    "start-timeout-ms": 5_000,
    "max-memory": 128,
    "max-table-entries": 200_000,
    "reserve-threads": 1,
    "max-requests-per-instance": 0,
    "queue-size": 1_024,
    "admin": "off",
    "admin-allow-remote": false,
    "ready-max-errors": 50,
    "allow-gc": false,
    "take-over": false,
    "ready-fd": 0,
    "lock-in": false,
    "record": "",
    "record-max-mb": 32,
    "record-redact": "",
  });
});

interface Sample {
  readonly text: string;
  readonly value: unknown;
}

/** Every option of the agent has one. */
function variable(option: Option): string {
  if (option.env === undefined) throw new TypeError("received an option without a variable");
  return option.env;
}

/** Two values for an option, neither its default. */
function samples(option: Option): readonly [Sample, Sample] {
  switch (option.type) {
    case "text":
      return [{ text: '{"a b":"="}', value: '{"a b":"="}' }, { text: "x.json", value: "x.json" }];
    case "list":
      throw new TypeError(`received an option of try: ${option.type}`);
    case "path":
      return [{ text: "/a b/c.sock", value: "/a b/c.sock" }, { text: "x=y", value: "x=y" }];
    case "integer":
      return [
        { text: String(option.min), value: option.min },
        { text: String(option.max), value: option.max },
      ];
    case "mode":
      return [{ text: "0600", value: 0o600 }, { text: "777", value: 0o777 }];
    case "boolean":
      return [{ text: "true", value: true }, { text: "false", value: false }];
    case "choice":
      return [{ text: "json", value: "json" }, { text: "text", value: "text" }];
  }
}

for (const name of NAMES) {
  const option: Option = OPTIONS[name];
  const [one, other] = samples(option);

  for (const { text, value } of [one, other]) {
    Deno.test(`parseUsage() reads --${name} ${text}`, () => {
      assertEquals(options([`--${name}`, text])[name], value);
    });
    Deno.test(`parseUsage() reads --${name}=${text}`, () => {
      assertEquals(options([`--${name}=${text}`])[name], value);
    });
    Deno.test(`parseUsage() reads ${option.env}=${text}`, () => {
      assertEquals(options([], { [variable(option)]: text })[name], value);
    });
  }

  Deno.test(`parseUsage() lets --${name} win over ${option.env}`, () => {
    assertEquals(options([`--${name}`, one.text], { [variable(option)]: other.text })[name], one.value);
    assertEquals(options([`--${name}=${other.text}`], { [variable(option)]: one.text })[name], other.value);
  });

  Deno.test(`parseUsage() takes an empty ${option.env} for unset`, () => {
    if (name === "module") assertEquals(refusal([], { WASM_MODULE: "" }).code, "USAGE_MISSING_OPTION");
    else assertEquals(options([], { [variable(option)]: "" })[name], option.default);
  });

  for (
    const words of [[`--${name}`, one.text, `--${name}`, one.text], [`--${name}=${one.text}`, `--${name}`, other.text]]
  ) {
    Deno.test(`parseUsage() refuses ${words.join(" ")}`, () => {
      const error = refusal(words);
      assertEquals(error.code, "USAGE_TWICE");
      assertStringIncludes(error.message, `"--${name}"`);
    });
  }

  if (option.type === "boolean") continue;

  for (const words of [[`--${name}`], [`--${name}=`], [`--${name}`, "--verbose"]]) {
    Deno.test(`parseUsage() refuses ${words.join(" ")} without a value`, () => {
      assertEquals(refusal(words).code, "USAGE_MISSING_VALUE");
    });
  }

  Deno.test(`parseUsage() refuses --${name} with an empty word behind it`, () => {
    assertEquals(refusal([`--${name}`, ""]).code, "USAGE_EXTRA_WORD");
  });
}

const BOOLEANS = NAMES.filter((name) => OPTIONS[name].type === "boolean");
const BOOLEAN_WORDS = [
  ...["true", "1", "yes", "TRUE", "True", "YES", "yEs"].map((text) => ({ text, value: true })),
  ...["false", "0", "no", "FALSE", "False", "NO", "No"].map((text) => ({ text, value: false })),
];

for (const name of BOOLEANS) {
  const { env } = OPTIONS[name];
  Deno.test(`parseUsage() takes --${name} alone for true`, () => {
    assertEquals(options([`--${name}`])[name], true);
    assertEquals(options([`--${name}`, "--pool-size", "2"])[name], true);
    assertEquals(options([`--${name}`], { [env]: "false" })[name], true);
  });
  for (const { text, value } of BOOLEAN_WORDS) {
    Deno.test(`parseUsage() takes ${text} for ${value} in --${name} and ${env}`, () => {
      assertEquals(options([`--${name}=${text}`])[name], value);
      assertEquals(options([`--${name}`, text])[name], value);
      assertEquals(options([], { [env]: text })[name], value);
    });
  }
  for (const text of ["on", "off", "2", "y", "t", " true", "truee", "null"]) {
    Deno.test(`parseUsage() refuses "${text}" in --${name} and ${env}`, () => {
      const error = refusal([`--${name}=${text}`]);
      assertEquals(error.code, "USAGE_BAD_VALUE");
      assertStringIncludes(error.message, `"--${name}"`);
      const fromEnv = refusal([], { [env]: text });
      assertEquals(fromEnv.code, "USAGE_BAD_VALUE");
      assertStringIncludes(fromEnv.message, `"${env}"`);
    });
  }
}

const BAD_INTEGERS = ["-1", "1.5", "1e3", "0x10", "+4", " 4", "4 ", "4ms", "NaN", "Infinity", "９", "1_000", "4n"];

for (const name of NAMES) {
  const option: Option = OPTIONS[name];
  if (option.type !== "integer") continue;
  const outside = [
    String(option.max + 1),
    "99999999999999999999999",
    ...option.min > 0 ? [String(option.min - 1)] : [],
  ];
  for (const text of [...BAD_INTEGERS, ...outside]) {
    Deno.test(`parseUsage() refuses --${name}=${text} and the same in ${option.env}`, () => {
      for (const error of [refusal([`--${name}=${text}`]), refusal([], { [variable(option)]: text })]) {
        assertEquals(error.code, "USAGE_BAD_VALUE");
        assertStringIncludes(error.message, `a whole number, ${option.min} to ${option.max}: received "${text}"`);
      }
    });
  }
}

const BAD_VALUES = [
  ...["", "8", "888", "0o660", "06600", "66", "1660", "u+rw", "-660", "0x1b0"].map((text) => ({
    name: "socket-mode",
    env: "AGENT_SOCKET_MODE",
    text,
  })),
  ...["JSON", "yaml", "json,text", "auto "].map((text) => ({ name: "log-format", env: "LOG_FORMAT", text })),
];

for (const { name, env, text } of BAD_VALUES) {
  Deno.test(`parseUsage() refuses --${name}=${text}`, () => {
    const error = refusal([`--${name}=${text}`]);
    assertEquals(error.code, text === "" ? "USAGE_MISSING_VALUE" : "USAGE_BAD_VALUE");
    if (text !== "") assertEquals(refusal([], { [env]: text }).code, "USAGE_BAD_VALUE");
  });
}

Deno.test("parseUsage() refuses a command line without a module, naming flag and variable", () => {
  const error = assertThrows(() => parse([]), ConfigError, '"--module" (or WASM_MODULE)');
  assertEquals(error.code, "USAGE_MISSING_OPTION");
});

for (const words of [["-v"], ["-v", "true"], ["-v=true"], ["-v", "--pool-size=1"], ["-v=1"]]) {
  Deno.test(`parseUsage() takes ${words.join(" ")} for --verbose`, () => assertEquals(options(words).verbose, true));
}

for (const words of [["-v", "--verbose"], ["-vv"], ["--verbose", "-v"]]) {
  Deno.test(`parseUsage() refuses ${words.join(" ")}: --verbose twice`, () => {
    assertEquals(refusal(words).code, "USAGE_TWICE");
  });
}

for (const words of [["--help"], ["-h"], ["--help", "--pool-size=nonsense"], ["-vh"]]) {
  Deno.test(`parseUsage() shows help for ${words.join(" ")}, with no module given`, () => {
    assertEquals(parse(words), { kind: "help" });
  });
}

for (const words of [["--help=false"], ["--help", "x"], ["-h=1"], ["--version=x"], ["--version", "true"]]) {
  Deno.test(`parseUsage() refuses ${words.join(" ")}: it stands alone`, () => {
    const error = refusal(words);
    assertEquals(error.code, "USAGE_BAD_VALUE");
    assertStringIncludes(error.message, "must stand alone");
  });
}

Deno.test("parseUsage() shows the version for --version", () =>
  assertEquals(parse(["--version"]), { kind: "version" }));

const UNKNOWN = [
  { word: "--modul", nearest: "module" },
  { word: "--modul=x", nearest: "module" },
  { word: "--poolsize=4", nearest: "pool-size" },
  { word: "--pool_size=4", nearest: "pool-size" },
  { word: "--failopen", nearest: "fail-open" },
  { word: "--no-fail-open", nearest: "fail-open" },
  { word: "--Verbose", nearest: "verbose" },
  { word: "--timeout", nearest: "timeout-ms" },
  { word: "--queue", nearest: "queue-size" },
  { word: "--memory=5", nearest: "max-memory" },
  { word: "--MODULE", nearest: "module" },
  { word: "--max_memory=5", nearest: "max-memory" },
  { word: "-m", nearest: "module" },
  { word: "-s", nearest: "socket" },
  { word: "-p", nearest: "pool-size" },
  { word: "-t", nearest: "timeout-ms" },
  { word: "--__proto__=x", nearest: undefined },
  { word: "--constructor", nearest: undefined },
  { word: "--toString=x", nearest: undefined },
  { word: "--bogus", nearest: undefined },
  { word: "--socket.x=1", nearest: "socket" },
  { word: "-x", nearest: undefined },
  { word: "-1", nearest: undefined },
  { word: "-module", nearest: "module" },
  { word: "---", nearest: undefined },
  { word: "--=x", nearest: undefined },
];

for (const { word, nearest } of UNKNOWN) {
  Deno.test(`parseUsage() refuses ${word}${nearest === undefined ? "" : ` and asks for --${nearest}`}`, () => {
    const error = refusal([word]);
    assertEquals(error.code, "USAGE_UNKNOWN_OPTION");
    assertStringIncludes(error.message, `received "${word}"`);
    if (nearest === undefined) assert(!error.message.includes("did you mean"), error.message);
    else assertStringIncludes(error.message, `did you mean "--${nearest}"?`);
  });
}

for (const word of ["--no-fail-open=true", "--no-verbose=1", "--no-module=x.wasm", "--no-pool-size=3"]) {
  Deno.test(`parseUsage() refuses ${word}, and does not read it as the option itself`, () => {
    assertEquals(refusal([word]).code, "USAGE_UNKNOWN_OPTION");
  });
}

const EXTRA = [["serve"], [""], ["-"], ["--pool-size", "4", "5"], ["--", "x"], ["--", "--verbose"], [
  "--pool-size=4",
  "x.wasm",
]];

for (const words of EXTRA) {
  Deno.test(`parseUsage() refuses the extra word in ${JSON.stringify(words)}`, () => {
    const error = refusal(words);
    assertEquals(error.code, "USAGE_EXTRA_WORD");
    assertStringIncludes(error.message, `received "${words.at(-1)}"`);
  });
}

for (const words of [["--pool-size", "-1"], ["--timeout-ms", "-5"], ["--max-memory", "-0"]]) {
  Deno.test(`parseUsage() refuses ${words.join(" ")}`, () => {
    assertEquals(refusal(words).code, "USAGE_UNKNOWN_OPTION");
  });
}

Deno.test("parseUsage() refuses a word after --verbose that is no word for true or false", () => {
  assertEquals(refusal(["--verbose", "x.wasm"]).code, "USAGE_BAD_VALUE");
  assertEquals(refusal(["-v", "x.wasm"]).code, "USAGE_BAD_VALUE");
});

Deno.test("parseUsage() reads only the options it is asked for", () => {
  assertEquals(parseUsage(["--socket", "/x"], () => "unused", { socket: OPTIONS.socket }), {
    kind: "run",
    options: { socket: "/x" },
    given: new Map([["socket", ["/x"]]]),
    said: ["socket"],
  });
});

for (const words of [["--module", "x"], ["--verbose"], ["-v"], ["--pool-size=4"]]) {
  Deno.test(`parseUsage() refuses ${words.join(" ")} where only --socket is asked for`, () => {
    const error = assertThrows(() => parseUsage(words, () => undefined, { socket: OPTIONS.socket }), ConfigError);
    assertEquals(error.code, "USAGE_UNKNOWN_OPTION");
  });
}

Deno.test("parseUsage() says of an option of another command that it is one", () => {
  for (const [word, options] of [["--module", TRY_OPTIONS], ["--uri", OPTIONS]] as const) {
    const read = () => parseUsage([word, "x"], () => undefined, options, { elsewhere: allFlags() });
    const error = assertThrows(read, ConfigError);
    assertStringIncludes(error.message, "which another command has");
  }
});

for (const words of [["m.wasm"], ["--verbose", "--", "m.wasm"], ["--lanes", "2", "m.wasm"], ["0.5"], ["--", "1e3"]]) {
  Deno.test(`parseUsage() takes the word without a flag in ${words.join(" ")} for the option it stands for`, () => {
    const usage = parseUsage(words, () => undefined, POSITIONAL);
    assertEquals(usage.kind === "run" && usage.options.module, words.at(-1));
  });
}

for (const words of [["a.wasm", "b.wasm"], ["a.wasm", "--module", "b.wasm"], ["--module=b.wasm", "a.wasm"]]) {
  Deno.test(`parseUsage() refuses ${words.join(" ")} where a word stands for --module`, () => {
    const error = assertThrows(
      () => parseUsage(words, () => undefined, POSITIONAL),
      ConfigError,
    );
    assertEquals(error.code, "USAGE_TWICE");
  });
}

Deno.test("parseUsage() takes an empty word for nothing, whatever words stand for", () => {
  const error = assertThrows(() => parseUsage([""], () => undefined, POSITIONAL), ConfigError);
  assertEquals(error.code, "USAGE_EXTRA_WORD");
});

Deno.test("parseUsage() takes --header again and again, in order, and no empty one", () => {
  const read = (words: readonly string[]) =>
    parseUsage(words, () => undefined, { header: TRY_OPTIONS.header, uri: TRY_OPTIONS.uri });
  const usage = read(["--header", "a: 1", "--uri", "/x", "--header=a: 2"]);
  assertEquals(usage.kind === "run" && usage.options, { header: ["a: 1", "a: 2"], uri: "/x" });
  assertEquals(assertThrows(() => read(["--header="]), ConfigError).code, "USAGE_MISSING_VALUE");
});

for (const words of [["--module", "-"], ["--module=-"]]) {
  Deno.test(`parseUsage() takes the dash in ${words.join(" ")} for the value`, () => {
    assertEquals(options(words).module, "-");
  });
}

Deno.test("parseUsage() takes a dash behind a flag that stands alone for an extra word", () => {
  assertEquals(refusal(["--verbose", "-"]).code, "USAGE_EXTRA_WORD");
});

Deno.test("parseUsage() asks whether a word that may be a command's name is one", () => {
  const read = (words: readonly string[]) => () =>
    parseUsage(words, () => "m", OPTIONS, { commands: ["invoke", "try"] });
  assertThrows(read(["invok"]), ConfigError, 'did you mean the command "invoke"?');
  assert(!assertThrows(read(["--verbose=1", "invok"]), ConfigError).message.includes("did you mean"));
});

Deno.test.each([
  { words: ["--verbose", "m.wasm"], module: "m.wasm", verbose: true },
  { words: ["-v", "m.wasm"], module: "m.wasm", verbose: true },
  { words: ["--verbose", "false", "m.wasm"], module: "m.wasm", verbose: false },
  { words: ["m.wasm", "--verbose"], module: "m.wasm", verbose: true },
  { words: ["--socket", "-v", "m.wasm"], module: undefined, verbose: false },
  { words: ["--verbose", "--", "true"], module: "true", verbose: true },
])("parseUsage() takes the word behind a flag that is on or off for what has a place: $words", (row) => {
  const { words, module, verbose } = row;
  if (module === undefined) return void assertThrows(() => parseUsage(words, () => undefined, POSITIONAL), ConfigError);
  const usage = parseUsage(words, () => undefined, POSITIONAL);
  assertEquals(usage.kind === "run" && [usage.options.module, usage.options.verbose], [module, verbose]);
});

const TWO = {
  "first": { type: "path", positional: true, help: "x" },
  "level": { type: "integer", default: 1, min: 0, max: 9, help: "x" },
  "rest": { type: "list", positional: true, help: "x" },
} as const;

Deno.test.each([
  { words: ["a", "b"], first: "a", rest: ["b"], level: 1 },
  { words: ["a", "--level=2", "b", "c", "--", "--d"], first: "a", rest: ["b", "c", "--d"], level: 2 },
  { words: ["--first=a", "--rest", "b"], first: "a", rest: ["b"], level: 1 },
])("parseUsage() gives $words to the options whose places they take", ({ words, ...expected }) => {
  const usage = parseUsage(words, () => undefined, TWO);
  assertEquals(usage.kind === "run" && usage.options, expected);
});

Deno.test.each([
  { words: ["a"], code: "USAGE_MISSING_OPTION", says: "REST must be given" },
  { words: [], code: "USAGE_MISSING_OPTION", says: "FIRST must be given" },
  { words: ["a", "b", "--first=c"], code: "USAGE_TWICE", says: "FIRST" },
  { words: ["a", ""], code: "USAGE_EXTRA_WORD", says: "only FIRST REST and options" },
])("parseUsage() refuses $words where words have places", ({ words, code, says }) => {
  const error = assertThrows(() => parseUsage(words, () => undefined, TWO), ConfigError, says);
  assertEquals(error.code, code);
});

Deno.test("parseUsage() refuses a word more than there are places for", () => {
  const options = { "a": TWO.first, "b": TWO.first } as const;
  const error = assertThrows(() => parseUsage(["1", "2", "3"], () => undefined, options), ConfigError, 'received "3"');
  assertEquals(error.code, "USAGE_EXTRA_WORD");
});

Deno.test("parseUsage() takes no word for a flag that is on or off where a word without a flag may stand", () => {
  const options = {
    "file": { type: "list", positional: true, help: "Files" },
    "json": { type: "boolean", default: false, help: "JSON" },
    "verbose": { type: "boolean", default: false, short: "v", help: "More" },
  } as const satisfies Options;
  const read = (...words: readonly string[]) => {
    const usage = parseUsage(words, () => undefined, options);
    assert(usage.kind === "run");
    return usage.options;
  };
  const both = { file: ["a.wasm", "b.wasm"], json: true, verbose: true };
  assertEquals(read("--json", "a.wasm", "-v", "b.wasm"), both);
  assertEquals(read("a.wasm", "b.wasm", "--json", "--verbose"), both);
  assertEquals(read("--json", "true", "-v", "a.wasm", "b.wasm"), both);
  assertEquals(read("--json", "no", "a.wasm"), { file: ["a.wasm"], json: false, verbose: false });
  assertEquals(read("--json=0", "a.wasm"), { file: ["a.wasm"], json: false, verbose: false });
});

Deno.test.each([
  { words: ["cobol", "x"], says: 'Cannot read LANGUAGE as it must be one of c, zig: received "cobol"' },
  { words: ["--language=cobol"], says: 'Cannot read LANGUAGE as it must be one of c, zig: received "cobol"' },
  { words: ["c", "--language", "zig"], says: "Cannot read LANGUAGE as it may be given once: received it 2 times" },
  { words: ["--language="], says: "Cannot read LANGUAGE as it must have a value: received none" },
  { words: ["c", "--file="], says: "Cannot read FILE as it must have a value: received none" },
  { words: [], says: "Cannot start as LANGUAGE (one of c, zig) must be given: received none" },
  { words: ["c"], says: "Cannot start as FILE must be given: received none" },
])("parseUsage() calls a word without a flag as help does: $says", ({ words, says }) => {
  const options = {
    "language": { type: "choice", choices: ["c", "zig"], positional: true, help: "x" },
    "file": { type: "list", positional: true, help: "x" },
  } as const satisfies Options;
  assertEquals(assertThrows(() => parseUsage(words, () => undefined, options), ConfigError).message, says);
});
