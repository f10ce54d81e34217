import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DIALECTS } from "../../src/agent/codec/dialects.ts";
import { ASSEMBLYSCRIPT_TYPES } from "../../src/guest/imports/assemblyscript.ts";
import { CONSOLE_TYPES } from "../../src/guest/imports/console.ts";
import { LIBC_TYPES } from "../../src/guest/imports/libc.ts";
import { SENTINEL_TYPES } from "../../src/guest/imports/sentinel.ts";
import { WASI_TYPES } from "../../src/guest/imports/wasi.ts";
import {
  ABIS,
  type Dialect,
  Guest,
  MAX_LINE_BYTES,
  MAX_LINES_PER_SECOND,
  MAX_METRIC_NAME,
  MAX_METRICS,
  MAX_RESULT_BYTES,
  type Measures,
  prepareModule,
} from "../../src/guest/mod.ts";
import { MAX_CONFIGURATION_BYTES } from "../../src/lanes/configuration.ts";
import { ByteWriter, DecodedHead, type Head } from "../../src/protocol/mod.ts";
import { METADATA_STRINGS } from "../../src/protocol/head.ts";
import { formatType } from "../../src/wasm/mod.ts";
import { assemble } from "../guests/build.ts";
import { lacksToolchain } from "../unit/examples/examples.ts";
import { callOf, LIMITS, outcomeOf, PatientGuard } from "../unit/guest/guests.ts";
import { chapter, listed, samples } from "./abi_page.ts";

const DIALECT: Readonly<Record<string, Dialect>> = { 1: "agent/1", 2: "agent/2" };
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

type Json = Readonly<Record<string, unknown>>;

/** The head of a proxy that tells all that stands in a sample. */
function headOf(sample: Json): Head {
  const { headers, method, uri, status, client_ip, client_port, correlation_id: correlationId } = sample;
  const lists = Object.fromEntries(
    Object.entries(Object(headers)).map(([name, value]) => [name, [value].flat().map(String)]),
  );
  if (status !== undefined) {
    return new DecodedHead({
      kind: "response_headers",
      correlationId: String(correlationId),
      status: Number(status),
      headers: lists,
    });
  }
  const told = METADATA_STRINGS.filter(([key]) => sample[key] !== undefined).map(([key, field]) => [
    field,
    sample[key],
  ]);
  return new DecodedHead({
    kind: "request_headers",
    correlationId: String(correlationId),
    method: String(method),
    uri: String(uri),
    headers: lists,
    metadata: {
      clientIp: String(client_ip),
      clientPort: client_port === undefined ? undefined : Number(client_port),
      ...Object.fromEntries(told),
    },
  });
}

for (const version of [1, 2]) {
  const dialect = DIALECTS[DIALECT[version]!];

  Deno.test(`docs/abi.md shows the inputs of version ${version} as modules get them, key by key`, () => {
    const inputs = samples("json", `input ${version}`);
    assertEquals(inputs.length, 2);
    for (const { text } of inputs) {
      const sample = JSON.parse(text);
      const out = new ByteWriter();
      dialect.putInput(out, headOf(sample));
      assertEquals(decoder.decode(out.written), JSON.stringify(sample));
    }
  });

  Deno.test(`docs/abi.md shows answers of version ${version} that are taken, with no unknown key`, () => {
    const answers = samples("json", `answer ${version}`);
    const kinds = answers.map(({ text }) => {
      const { decision, unknownKeys } = dialect.parse(encoder.encode(text));
      assertEquals(unknownKeys, undefined);
      assertEquals(decision.verdict.kind, JSON.parse(text).decision);
      return decision.verdict.kind;
    });
    assertEquals(kinds, ["allow", "block", "redirect", ...version === 2 ? ["challenge"] : []]);
  });
}

Deno.test("docs/abi.md lists every key of answers, and no other", () => {
  const first = chapter("## Version 1");
  const keys = listed(first.slice(first.indexOf("The answer:")));
  assertEquals(keys.toSorted(), [...DIALECTS["agent/1"].keys].toSorted());
  assertEquals(listed(chapter("### Answer")).toSorted(), [...DIALECTS["agent/2"].keys].toSorted());
});

Deno.test("docs/abi.md lists every key of inputs, and no other", () => {
  const first = chapter("## Version 1");
  const always = listed(first.slice(0, first.indexOf("The answer:")));
  assertEquals(always, ["method", "uri", "client_ip", "correlation_id", "status", "headers"]);
  assertEquals(listed(chapter("### Input")), ["client_port", ...METADATA_STRINGS.map(([name]) => name)]);
});

Deno.test("docs/abi.md lists the exports that the ABIs call, and no other", () => {
  const names = listed(chapter("## Exports")).map((text) => text.replace(/\(.*/, ""));
  for (const name of names) assert(ABIS.some((abi) => abi.usesExport(name)), name);
  for (const name of ["memory", "alloc", "dealloc", "_initialize", "agent_abi_version", "configure"]) {
    assert(names.includes(name), name);
  }
});

Deno.test("docs/abi.md lists every import with its place, and the host's own with their types", () => {
  const own = listed(chapter("### The host's own functions"));
  const typed = own.map((text) => {
    const [, name = "", params = "", result = ""] = /^(\w+)\(([^)]*)\)(?: -> (\w+))?$/.exec(text) ?? [];
    const types = params === "" ? "" : params.split(", ").map((each) => each.split(": ")[1]).join(", ");
    return `${name} (${types}) -> ${result === "" ? "()" : result}`;
  });
  assertEquals(typed, [...SENTINEL_TYPES].map(([name, type]) => `${name} ${formatType(type)}`));
  assertEquals(listed(chapter("### WASI")).toSorted(), [...WASI_TYPES.keys()].toSorted());
  assertEquals(
    listed(chapter("### What compilers import from `env`")).toSorted(),
    ["memory", ...ASSEMBLYSCRIPT_TYPES.keys(), ...CONSOLE_TYPES.keys(), ...LIBC_TYPES.keys()].toSorted(),
  );
});

Deno.test("docs/abi.md has the limits that the program has", () => {
  const limits = chapter("## Limits").replaceAll(/ +/g, " ");
  const number = (value: number) => value.toLocaleString("en");
  for (
    const line of [
      `| answer | ${number(MAX_RESULT_BYTES)} bytes`,
      `| configuration | ${number(MAX_CONFIGURATION_BYTES)} bytes`,
      `| line of output | ${number(MAX_LINE_BYTES)} bytes`,
      `| lines of output | ${MAX_LINES_PER_SECOND} a second and module, and ${MAX_LINES_PER_SECOND} of level debug`,
      `| counters | ${MAX_METRICS} a module, names of ${MAX_METRIC_NAME} bytes`,
      `| time of an event, from its arrival to the answer | \`--timeout-ms\`, 40 ms`,
    ]
  ) assertStringIncludes(limits, line);
});

/** A module of the page at work. */
class Sampled {
  readonly lines: string[] = [];
  readonly measured: Measures[] = [];
  readonly #guest: Guest;
  readonly #dialect: Dialect;

  private constructor(module: Awaited<ReturnType<typeof prepareModule>>) {
    this.#dialect = module.dialect;
    this.#guest = new Guest(module, {
      guard: new PatientGuard(),
      output: (_, line, __, level) => this.lines.push(`${level} ${line}`),
      measured: (measures) => this.measured.push(measures),
    });
  }

  static async start(bytes: Uint8Array<ArrayBuffer>, configuration = "{}"): Promise<Sampled> {
    return new Sampled(await prepareModule(bytes, "sample.wasm", LIMITS, ABIS, configuration));
  }

  ask(changes: Json) {
    const head = headOf({
      method: "GET",
      uri: "/",
      client_ip: "192.0.2.1",
      correlation_id: "c",
      headers: {},
      ...changes,
    });
    const out = new ByteWriter();
    DIALECTS[this.#dialect].putInput(out, head);
    const call = callOf("", { phase: head.kind, input: out.written });
    return this.#guest.call(call, (answer) => DIALECTS[this.#dialect].parse(answer)).decision;
  }
}

/** What a compiler makes of a sample of the page. */
function compile(language: "c" | "rust", ...command: readonly [string, ...string[]]): Uint8Array<ArrayBuffer> {
  const dir = Deno.makeTempDirSync();
  try {
    const [source = ""] = samples(language).map(({ text }) => text);
    Deno.writeTextFileSync(`${dir}/policy.${language === "c" ? "c" : "rs"}`, source);
    const [tool, ...args] = command;
    const { code, stderr } = new Deno.Command(tool, { args, cwd: dir, stdin: "null" }).outputSync();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    return Deno.readFileSync(`${dir}/policy.wasm`);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

Deno.test("docs/abi.md shows a whole module as text that does what the page says", async () => {
  const [sample] = samples("wat");
  const module = await Sampled.start(await assemble("sample", sample?.text ?? ""));
  assertEquals(module.ask({ uri: "/admin/users" }).verdict, { kind: "block", status: 404, body: "Not found\n" });
  assertEquals(module.ask({ headers: { referer: "/admin" } }).verdict.kind, "block");
  for (const uri of ["/", "/admi", "/a/dmin"]) assertEquals(module.ask({ uri }).verdict.kind, "allow");
});

/** A test of a sample in a language whose compiler may not be there. */
function sampleTest(language: string, example: string, fn: () => Promise<void>): void {
  const lacking = lacksToolchain(example);
  const name = `docs/abi.md shows a module in ${language} that compiles and does what the page says`;
  Deno.test({ name: lacking === undefined ? name : `${name} (${lacking})`, ignore: lacking !== undefined, fn });
}

sampleTest("C", "c", async () => {
  const flags = ["--target=wasm32", "-nostdlib", "-Wl,--no-entry", "-o", "policy.wasm", "policy.c"];
  const bytes = compile("c", "clang-14", "-Wall", "-Wextra", ...flags);
  const module = await Sampled.start(bytes, '"x-old"');
  assertEquals(module.lines, ['info "x-old"']);
  assertEquals(module.ask({ headers: { "x-old": "1" } }).audit?.ruleIds, ["header"]);
  assertEquals(module.ask({ headers: { other: '"x-old":' } }).verdict.kind, "allow");
  assertEquals(module.measured.map(({ added }) => added), Array(2).fill([["requests_seen", 1]]));
  assertEquals((await Sampled.start(bytes)).ask({ headers: { "x-old": "1" } }).verdict.kind, "allow");
  const refused = await outcomeOf(async () => {
    await Sampled.start(bytes, "[1]");
    return "";
  });
  assert("code" in refused);
  assertEquals(refused.code, "GUEST_CONFIG_REFUSED");
  assertStringIncludes(refused.message, "must be a string: the name of a header");
});

sampleTest("Rust", "rust", async () => {
  const flags = ["--target", "wasm32-unknown-unknown", "--crate-type", "cdylib", "-O", "policy.rs"];
  const { stdout } = new Deno.Command("rustc", { args: ["--print", "sysroot"], stderr: "null" }).outputSync();
  const own = `${new TextDecoder().decode(stdout).trim()}/lib/rustlib/wasm32-unknown-unknown`;
  const bytes = exists(own)
    ? compile("rust", "rustc", ...flags)
    : compile("rust", "/usr/bin/rustc", "-C", "linker=wasm-ld-14", ...flags);
  const module = await Sampled.start(bytes, '{"k":1}');
  for (const [status, kind] of [[503, "failed"], [200, "fine"]] as const) {
    const { tags, responseHeaders } = module.ask({ status });
    assertEquals(tags, [kind, "7"]);
    assertEquals(responseHeaders.map(({ op, name }) => [op, name]), [["set", "x-id"], ["set", "x-at"]]);
  }
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
