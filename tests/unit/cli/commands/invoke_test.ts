import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assembleGuest } from "../../../guests/build.ts";
import { TempDir } from "../../../e2e/agent_process.ts";
import { exampleUrl } from "../../examples/guest_host.ts";
import { guestText, useProgramsThreads } from "../../guest/guests.ts";
import { ran } from "../ran.ts";

useProgramsThreads();

const EXAMPLE = exampleUrl("rust/policy.wasm").pathname;
const CONFIG = '--config={"keys":{"team-a":"s3cret"},"open":["/health"]}';
/** Far above what a busy machine adds to a call. */
const PATIENT = "--timeout-ms=4000";

/** Lines without those of time and memory, which are others each time. */
function lines(text: string): readonly string[] {
  return text.trimEnd().split("\n").filter((line) => !/^(time|memory) /.test(line));
}

async function invoke(...words: readonly string[]) {
  return await ran("invoke", EXAMPLE, PATIENT, CONFIG, ...words);
}

/** Invokes a guest of `tests/guests/`. */
async function invokeGuest(name: string, ...words: readonly string[]) {
  using dir = new TempDir();
  const path = dir.write("guest.wasm", await assembleGuest("guest", guestText(name)));
  return await ran("invoke", path, PATIENT, ...words);
}

Deno.test("invoke shows the decision first, then what goes with it", async () => {
  const { code, stdout, stderr } = await invoke();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals(lines(stdout), [
    "decision        block 401",
    "body            A valid x-api-key is required",
    "answer headers  www-authenticate: ApiKey",
    "tags            no-api-key",
    "metrics         api_keys_refused +1",
  ]);
  assertMatch(stdout, /\ntime {12}[0-9.]+ (us|ms) \(a first call: --repeat N shows the usual\)\n/);
  assertMatch(stdout, /\nmemory {10}[0-9.]+ KiB, not grown\n/);
});

Deno.test("invoke shows header changes as a diff of the head that it has sent", async () => {
  const { stdout } = await invoke("--header", "X-Api-Key: s3cret", "--header=x-api-client: forged", "--uri=/orders");
  assertEquals(lines(stdout), [
    "decision         allow",
    "request headers  - x-api-client: forged",
    "                 - x-api-key: s3cret",
    "                 + x-api-client: team-a",
    "tags             api-key",
  ]);
});

Deno.test.each([{ words: ["--status=404"] }, { words: ["--phase=response"] }, {
  words: ["--phase", "response_headers"],
}])(
  "invoke $words asks for a response",
  async ({ words }) => {
    const { stdout } = await invoke(...words, "--header", "server: nginx");
    assertEquals(lines(stdout), [
      "decision          allow",
      "response headers  - server: nginx",
      "                  - x-powered-by (not there)",
    ]);
  },
);

Deno.test("invoke --json prints one object, in the words of the module's own answers", async () => {
  const { code, stdout } = await invoke("--json", "--header=x-api-key: s3cret");
  const { took_ms: tookMs, memory, module, ...report } = JSON.parse(stdout);
  assertEquals([code, stdout.trimEnd().includes("\n")], [0, false]);
  assertEquals(report, {
    phase: "request_headers",
    decision: "allow",
    set_request_headers: { "x-api-client": "team-a" },
    remove_request_headers: ["x-api-client", "x-api-key"],
    tags: ["api-key"],
    printed: [],
    warnings: [],
  });
  assert(tookMs > 0 && memory.before_bytes === memory.after_bytes);
  assertEquals([module.name, module.abi], ["policy.wasm", "agent/2"]);
});

Deno.test("invoke --event asks for each event of a file, in order, and sums up", async () => {
  using dir = new TempDir();
  const path = dir.write(
    "events.jsonl",
    new TextEncoder().encode('{"request":{"uri":"/health"}}\n{"status":200}\n{"uri":"/"}\n'),
  );
  const { code, stdout } = await invoke("--event", path);
  assertEquals(code, 0);
  assertEquals(lines(stdout).filter((line) => /^[0-9]|^decision/.test(line)), [
    "1  GET /health",
    "decision         allow",
    "2  response 200",
    "decision          allow",
    "3  GET /",
    "decision        block 401",
    "3 events: 2 allow, 1 block 401",
  ]);
});

Deno.test("invoke --body tells that modules do not see it, and sends its length with POST", async () => {
  const { stdout } = await ran("invoke", exampleUrl("wat/policy.wasm").pathname, PATIENT, "--body=grün");
  assertStringIncludes(stdout, "warning");
  assertStringIncludes(stdout, "the 5 bytes of the body are not shown to the module");
});

Deno.test("invoke says what a failure is and what to do, and ends with 1", async () => {
  const { code, stdout } = await invokeGuest("prints_lines_and_traps", "--uri=/!");
  assertEquals(code, 1);
  const [first, second, third, fourth] = lines(stdout);
  assertEquals(first, "decision    block 500, by the fail mode");
  assertMatch(second ?? "", /^failure {5}GUEST_TRAPPED {2}Cannot /);
  assertMatch(third ?? "", /^trace {7}.*byte 0x[0-9a-f]+/);
  assertMatch(fourth ?? "", /^( +|what to do {2})/);
  assertEquals(stdout.match(/ stdout {2}| stderr {2}/g)?.length, 10);
});

Deno.test("invoke --fail-open shows the other fail mode, and still ends with 1", async () => {
  const { code, stdout } = await invokeGuest("traps", "--uri=/!", "--fail-open", "--json");
  const { decision, tags, failure } = JSON.parse(stdout);
  assertEquals([code, decision, tags, failure.code], [1, "allow", ["wasm-error", "fail-open"], "GUEST_TRAPPED"]);
  assert(failure.remedy.length > 0);
});

Deno.test("invoke refuses what no proxy sends with exit code 2, and says where it stands", async () => {
  using dir = new TempDir();
  const text = '{"uri":"/"}\n{"event_type":"request_headers","payload":{}}';
  const path = dir.write("events.jsonl", new TextEncoder().encode(text));
  const { code, stderr } = await invoke("--event", path);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "events.jsonl, line 2) as it must be one that a proxy sends");
});

Deno.test("invoke tells how many printed lines are left out", async () => {
  const { stdout } = await invokeGuest("prints_lines", "--uri=/!", "--repeat=300");
  assertMatch(stdout, /\nwarning +[0-9,]+ printed lines were left out: a module may print 100 a second\n/);
});

Deno.test("invoke tells how memory grows", async () => {
  const { stdout } = await invokeGuest("leaks_64_kib_a_call", "--uri=/!", "--repeat=3");
  assertMatch(stdout, /\nmemory {4}[0-9.]+ [KM]iB, grown by 192 KiB\n/);
});

Deno.test("invoke --repeat shows how times are spread, and calls that were answered otherwise", async () => {
  const { code, stdout } = await invokeGuest("counts_calls", "--repeat=50");
  assertEquals(code, 0);
  assertMatch(stdout, /\ntime +p50 [0-9.]+ [um]s, p99 [0-9.]+ [um]s, max [0-9.]+ [um]s of 50 calls\n/);
  assertMatch(stdout, /\ndifferent +49 calls were not answered as the first\n/);
  assertMatch(stdout, /\n *to [0-9.]+ [um]s +[0-9]+ +█+\n/);
  const { stdout: json } = await invokeGuest("counts_calls", "--repeat=50", "--json");
  const { repeat } = JSON.parse(json);
  const counted = repeat.histogram.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  assertEquals([repeat.calls, repeat.failed, repeat.different, counted], [50, 0, 49, 50]);
  assert(repeat.p50_ms <= repeat.p99_ms && repeat.p99_ms <= repeat.max_ms);
});

const UNKNOWN_KEY = `(data (i32.const 256) "{\\"decision\\":\\"allow\\",\\"tag\\":[]}")
  (func $misbehave (result i64) (call $answer (i32.const 256) (i32.const 29)))`;

Deno.test.each([
  {
    name: "a key of the answer that means nothing",
    text: UNKNOWN_KEY,
    words: ["--uri=/!"],
    says: 'the key "tag" of the answer means nothing: did you mean "tags"?',
  },
  {
    name: "an export that is never called",
    text: `${guestText("traps")} (func (export "on_request_body") (param i32 i32) (result i64) (i64.const 0))`,
    words: [],
    says: 'the export "on_request_body" is never called',
  },
  {
    name: "a configuration that is never read",
    text: guestText("traps"),
    words: ['--config={"a":1}'],
    says: "the configuration is never read",
  },
  {
    name: "a phase without a handler",
    text: guestText("traps"),
    words: ["--status=200"],
    says: "the module has no handler for response_headers",
  },
])("invoke warns of $name", async ({ text, words, says }) => {
  using dir = new TempDir();
  const path = dir.write("guest.wasm", await assembleGuest("guest", text));
  const { code, stdout } = await ran("invoke", path, PATIENT, ...words);
  assertEquals(code, 0, stdout);
  assertStringIncludes(stdout.replaceAll(/ +/g, " "), `\nwarning ${says}`);
  const { warnings } = JSON.parse((await ran("invoke", path, PATIENT, "--json", ...words)).stdout);
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], says);
});

Deno.test.each([
  { name: "two modules", words: ["a.wasm", "b.wasm"], code: 2, says: "MODULE" },
  { name: "no module", words: [], code: 2, says: "MODULE (or WASM_MODULE) must be given" },
  { name: "a module that is not there", words: ["none.wasm"], code: 1, says: "none.wasm" },
  {
    name: "what is no module",
    words: [exampleUrl("README.md").pathname],
    code: 1,
    says: "What to do (MODULE_NOT_WASM)",
  },
  { name: "a header without a name", words: [EXAMPLE, "--header", ": x"], code: 2, says: '"--header"' },
  { name: "a status of a request", words: [EXAMPLE, "--phase=request", "--status=200"], code: 2, says: '"--status"' },
  { name: "a method of a response", words: [EXAMPLE, "--status=200", "--method=GET"], code: 2, says: '"--method"' },
  { name: "a file of events and a uri", words: [EXAMPLE, "--event=x", "--uri=/"], code: 2, says: '"--uri"' },
  { name: "a file of events that is not there", words: [EXAMPLE, "--event=none.json"], code: 2, says: "none.json" },
  { name: "events in a folder", words: [EXAMPLE, "--event=."], code: 2, says: 'Cannot read events "."' },
  {
    name: "a configuration that is no JSON",
    words: [EXAMPLE, "--config={x"],
    code: 2,
    says: "module configuration as it",
  },
  { name: "standard input again and again", words: [EXAMPLE, "--event=-", "--watch"], code: 2, says: "stdin" },
  { name: "a configuration that is not there", words: [EXAMPLE, "--config=none.json"], code: 2, says: "none.json" },
  {
    name: "a module that refuses its configuration",
    words: [EXAMPLE, '--config={"keys":1}'],
    code: 1,
    says: "policy.wasm",
  },
])("invoke refuses $name with exit code $code", async ({ words, code, says }) => {
  const { stderr, ...outcome } = await ran("invoke", ...words);
  assertEquals(outcome.code, code);
  assertMatch(stderr, /^sentinel-wasm-agent: Cannot /);
  assertStringIncludes(stderr, says);
});

Deno.test("invoke --json says on stdout too why a module does not start", async () => {
  const { code, stdout } = await ran("invoke", exampleUrl("README.md").pathname, "--json");
  assertEquals([code, JSON.parse(stdout).failure.code], [1, "MODULE_NOT_WASM"]);
});

Deno.test("invoke --event refuses a file that is larger than 256 MiB, and one that is not UTF-8", async () => {
  using dir = new TempDir();
  const path = dir.write("events.jsonl", '{"request":{}}');
  Deno.truncateSync(path, 256 * 1024 * 1024 + 1);
  const large = await invoke("--event", path);
  assertEquals(large.code, 2);
  assertStringIncludes(large.stderr, "must have at most 268435456 bytes: received 268435457");
  const other = await invoke("--event", dir.write("latin1.json", Uint8Array.of(0x22, 0xe9, 0x22)));
  assertEquals(other.code, 2);
  assertStringIncludes(other.stderr, "must be UTF-8");
});
