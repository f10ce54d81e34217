import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import {
  type GuestEars,
  type GuestModule,
  MAX_LINES_PER_SECOND,
  type ModuleLimits,
  prepareModule,
} from "../../../src/guest/mod.ts";
import type { Slot } from "../../../src/pool/slot.ts";
import { LocalSlot } from "../../../src/pool/local_slot.ts";
import { ThreadSlot } from "../../../src/pool/thread_slot.ts";
import { Watchdog } from "../../../src/pool/watchdog.ts";
import { sleep } from "../../../src/sleep.ts";
import { assemble, assembleGuest } from "../../guests/build.ts";
import {
  callOf,
  guestText,
  LIMITS,
  type Outcome,
  outcomeOf,
  prepare,
  textOf,
  useProgramsThreads,
} from "../guest/guests.ts";

type Place = "LocalSlot" | "ThreadSlot";
const PLACES: readonly Place[] = ["LocalSlot", "ThreadSlot"];
const CLEAN = '{"decision":"allow","tags":["clean"]}';
const IGNORE: GuestEars = { output: () => {} };

/** A host with its watchdog; both end with the scope. */
class Running implements Disposable {
  readonly host: Slot;
  readonly #watchdog: Watchdog;

  private constructor(host: Slot, watchdog: Watchdog) {
    this.host = host;
    this.#watchdog = watchdog;
  }

  static async start(place: Place, module: GuestModule, ears: GuestEars = IGNORE): Promise<Running> {
    useProgramsThreads();
    const watchdog = await Watchdog.start();
    watchdog.allot(1, { shortestMs: module.limits.timeoutMs, longestMs: module.limits.timeoutMs });
    try {
      const host = place === "LocalSlot"
        ? new LocalSlot(module, watchdog.guard(0), ears)
        : await ThreadSlot.start(module, watchdog, 0, ears);
      return new Running(host, watchdog);
    } catch (error) {
      watchdog[Symbol.dispose]();
      throw error;
    }
  }

  async call(told?: string, timeoutMs = LIMITS.timeoutMs): Promise<Outcome> {
    return await outcomeOf(() => this.host.call(callOf(told, { deadline: performance.now() + timeoutMs }), textOf));
  }

  [Symbol.dispose](): void {
    this.host.close();
    this.#watchdog[Symbol.dispose]();
  }
}

interface Row {
  readonly name: string;
  readonly text: string;
  /** What comes after the "!". */
  readonly told?: string;
  readonly timeoutMs?: number;
  readonly expected: { readonly value: string } | { readonly code: string; readonly says: string };
}

const misbehaving = (body: string, before = "") => `${before} (func $misbehave (result i64) ${body})`;
const told = guestText("misbehaves_as_told");
const ALLOC = '(func (export "alloc") (param $size i32) (result i32)';
const HANDLER = '(func (export "on_request_headers") (param $input i32) (param $length i32) (result i64)';
const DATA = String.raw`(data (i32.const 16) "{\"decision\":\"allow\",\"tags\":[\"clean\"]}")`;
const ANSWER = "(i64.const 0x0000001000000025)";
const DEALLOC = '(func (export "dealloc") (param i32 i32))';
/** Good for the self-check's 64 bytes, `answer` for all else. */
const oddAlloc = (answer: string) =>
  `(module (memory (export "memory") 2) ${DATA} ${DEALLOC} ${HANDLER} ${ANSWER})
     ${ALLOC} (if (result i32) (i32.eq (local.get $size) (i32.const 64)) (then (i32.const 4096)) (else ${answer}))))`;
const handling = (body: string) =>
  `(module (memory (export "memory") 2) ${DATA} ${DEALLOC} ${ALLOC} (i32.const 4096)) ${HANDLER} ${body}))`;

for (const place of PLACES) {
  Deno.test(`${place}.call() tells where in the module's file a guest trapped, and what it had printed`, async () => {
    const bytes = await assembleGuest("guest", guestText("prints_lines_and_traps"), true);
    const module = await prepareModule(bytes, "guest.wasm", LIMITS);
    using running = await Running.start(place, module);
    const error = await assertRejects(async () => await running.host.call(callOf(""), textOf), GuestError);
    assertStringIncludes(error.message, `in ${error.trace[0]}, after it had printed "9"`);
    assertMatch(error.trace[0] ?? "", /^misbehave \(function \d+, byte 0x[0-9a-f]+\)$/);
  });
}

const ROWS: readonly Row[] = [
  { name: "a clean answer", text: guestText("traps"), expected: { value: CLEAN } },
  ...([
    ["traps", "GUEST_TRAPPED", "unreachable"],
    ["recurses_without_end", "GUEST_STACK_OVERFLOW", "call stack"],
    ["exits", "GUEST_EXITED", "proc_exit(3)"],
    ["aborts", "GUEST_ABORTED", "oh n at :7:9"],
    ["result_out_of_bounds", "GUEST_OUT_OF_BOUNDS", "37 bytes at 2147483392"],
    ["result_wraps_around", "GUEST_OUT_OF_BOUNDS", "53 bytes at 4294967280"],
    ["result_empty", "GUEST_BAD_RESULT", "received 0"],
    ["result_too_large", "GUEST_BAD_RESULT", "received 1048577"],
  ] as const).map(([name, code, says]): Row => ({
    name: `a guest that ${name}`,
    text: guestText(name),
    told: "",
    expected: { code, says },
  })),
  ...([
    ["k", "catches all around proc_exit", "GUEST_EXITED", "proc_exit(7)"],
    ["m", "catches all around a trap", "GUEST_TRAPPED", "unreachable"],
    ["n", "catches all around a stack overflow", "GUEST_STACK_OVERFLOW", "call stack"],
    ["x", "throws", "GUEST_THREW", "uncaught"],
    ["i", "recurses through a table", "GUEST_STACK_OVERFLOW", "call stack"],
  ] as const).map(([letter, name, code, says]): Row => ({
    name: `a guest that ${name}`,
    text: told,
    told: `${letter}12345678`,
    expected: { code, says },
  })),
  ...([
    ["s", "spins"],
    ["c", "catches all in a loop"],
    ["d", "jumps from loop to loop"],
    ["v", "adds vectors for ever"],
    ["h", "calls the host for ever"],
  ] as const).map(([letter, name]): Row => ({
    name: `a guest that ${name}`,
    text: told,
    told: `${letter}12345678`,
    timeoutMs: 60,
    expected: { code: "GUEST_DEADLINE", says: "request_headers" },
  })),
  ...([
    ["asks for 4 MiB of random bytes for ever", "(call $random (i32.const 0) (i32.const 4194304))"],
    ["counts for ever", "(call $metric_add (i32.const 16) (i32.const 5) (f64.const 1))"],
    ["logs for ever", "(call $log (i32.const 3) (i32.const 16) (i32.const 5))"],
    ["reads its configuration for ever", "(drop (call $config (i32.const 0) (i32.const 16)))"],
  ] as const).map(([name, call]): Row => ({
    name: `a guest that ${name}`,
    text: misbehaving(
      `(drop (memory.grow (i32.const 62))) (loop $again ${call} (br $again)) (unreachable)`,
      `(import "sentinel" "random" (func $random (param i32 i32)))
       (import "sentinel" "metric_add" (func $metric_add (param i32 i32 f64)))
       (import "sentinel" "log" (func $log (param i32 i32 i32)))
       (import "sentinel" "config" (func $config (param i32 i32) (result i32)))`,
    ),
    told: "",
    timeoutMs: 60,
    expected: { code: "GUEST_DEADLINE", says: "request_headers" },
  })),
  {
    name: "an exit inside of try_table with catch_all",
    text: misbehaving(
      "(block $caught (try_table (catch_all $caught) (call $exit (i32.const 5)))) (call $clean)",
      '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))',
    ),
    told: "",
    expected: { code: "GUEST_EXITED", says: "proc_exit(5)" },
  },
  {
    name: "a bad host call inside of catch_all",
    text: misbehaving(
      "(try (do (drop (call $random (i32.const -8) (i32.const 16)))) (catch_all)) (call $clean)",
      '(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))',
    ),
    told: "",
    expected: { code: "GUEST_BAD_HOST_CALL", says: "16 bytes at 4294967288" },
  },
  {
    name: "alloc that answers 0",
    text: oddAlloc("(i32.const 0)"),
    expected: { code: "GUEST_ALLOC_FAILED", says: "0" },
  },
  ...([
    ["-1", "at 4294967295"],
    ["-2147483648", "at 2147483648"],
    ["131071", "at 131071"],
    ["131072", "at 131072"],
  ] as const).map(([pointer, says]): Row => ({
    name: `alloc that answers ${pointer}`,
    text: oddAlloc(`(i32.const ${pointer})`),
    expected: { code: "GUEST_OUT_OF_BOUNDS", says },
  })),
  {
    name: "alloc that grows memory and answers with the new page",
    text: oddAlloc("(i32.mul (memory.grow (i32.const 1)) (i32.const 65536))"),
    expected: { value: CLEAN },
  },
  {
    name: "alloc that traps",
    text: oddAlloc("(unreachable)"),
    expected: { code: "GUEST_TRAPPED", says: "unreachable" },
  },
  {
    name: "dealloc that traps for the input",
    text: `(module (memory (export "memory") 2) ${DATA} ${ALLOC} (i32.const 4096)) ${HANDLER} ${ANSWER})
      (func (export "dealloc") (param $at i32) (param $size i32)
        (if (i32.and (i32.eq (local.get $at) (i32.const 4096)) (i32.ne (local.get $size) (i32.const 64)))
          (then (unreachable)))))`,
    expected: { code: "GUEST_TRAPPED", says: "unreachable" },
  },
  {
    name: "a result with the high bit of both halves set",
    text: handling("(i64.const 0x8000000080000000)"),
    expected: { code: "GUEST_BAD_RESULT", says: "received 2147483648" },
  },
  {
    name: "a result with the high bit of its pointer set",
    text: handling("(i64.const 0x8000000000000010)"),
    expected: { code: "GUEST_OUT_OF_BOUNDS", says: "16 bytes at 2147483648" },
  },
  {
    name: "a result of -1",
    text: handling("(i64.const -1)"),
    expected: { code: "GUEST_BAD_RESULT", says: "4294967295" },
  },
  {
    name: "a result at the very end of memory",
    text: handling("(i32.store8 (i32.const 131071) (i32.const 0x7a)) (i64.const 0x0001ffff00000001)"),
    expected: { value: "z" },
  },
  {
    name: "a result one byte beyond the end of memory",
    text: handling("(i64.const 0x0001ffff00000002)"),
    expected: { code: "GUEST_OUT_OF_BOUNDS", says: "2 bytes at 131071" },
  },
  {
    name: "a result inside of the input",
    text: handling("(i64.const 0x0000100000000001)"),
    expected: { value: "{" },
  },
];

for (const place of PLACES) {
  Deno.test.each(ROWS)(`${place}.call() gives its due for $name, and again after renew()`, async (row) => {
    const { text, told, timeoutMs, expected } = row;
    using running = await Running.start(place, await prepare(text));
    for (let round = 0; round < 2; round++) {
      const outcome = await running.call(told, timeoutMs);
      if ("value" in expected) assertEquals(outcome, expected);
      else {
        assert("code" in outcome, JSON.stringify(outcome));
        assertEquals(outcome.code, expected.code);
        assertStringIncludes(outcome.message, expected.says);
      }
      await running.host.renew();
    }
  });
}

interface BadStart {
  readonly name: string;
  readonly text: string;
  readonly code: string;
  readonly limits?: Partial<ModuleLimits>;
}

const BAD_STARTS: readonly BadStart[] = [
  { name: "a start function that spins", text: guestText("start_spins"), code: "GUEST_DEADLINE" },
  { name: "_initialize that traps", text: guestText("initialize_traps"), code: "GUEST_TRAPPED" },
  {
    name: "_initialize that spins",
    text: '(func (export "_initialize") (loop $again (br $again))) (func $misbehave (result i64) (unreachable))',
    code: "GUEST_DEADLINE",
  },
  {
    name: "alloc that answers 0 to the self-check",
    text: `(module (memory (export "memory") 1) ${DEALLOC} ${ALLOC} (i32.const 0)) ${HANDLER} ${ANSWER}))`,
    code: "GUEST_ALLOC_FAILED",
  },
];

for (const place of PLACES) {
  Deno.test.each(BAD_STARTS)(`${place} does not start with $name`, async ({ text, code }) => {
    const module = await prepare(text, { startTimeoutMs: 80 });
    const outcome = await outcomeOf(async () => {
      using _ = await Running.start(place, module);
      return "started";
    });
    assertEquals("code" in outcome ? outcome.code : outcome.value, code);
  });

  Deno.test(`${place} refuses a module that has not been instrumented`, async () => {
    const text = guestText("start_spins").replace("(start $spin)", "");
    const prepared = await prepare(text);
    const module = { ...prepared, compiled: new WebAssembly.Module(await assemble("plain", text)) };
    const outcome = await outcomeOf(async () => {
      using _ = await Running.start(place, module);
      return "started";
    });
    assertEquals("code" in outcome ? outcome.code : outcome.value, "GUEST_NOT_INSTRUMENTED");
  });

  Deno.test(`${place} hands on what a guest prints, with the id of the call`, async () => {
    const lines: unknown[] = [];
    const all = Promise.withResolvers<void>();
    const module = await prepare(guestText("prints_lines"));
    using running = await Running.start(place, module, {
      output: (...line) => {
        if (lines.push(line) === 3) all.resolve();
      },
    });
    assertEquals(await running.call(""), { value: CLEAN });
    // From a thread they come as messages, after the result.
    await all.promise;
    assertEquals(lines, [
      ["stdout", "first line", "id", "info"],
      ["stdout", 'second\\u{d}{"level":"ERROR"}', "id", "info"],
      ["stderr", "to stderr", "id", "info"],
    ]);
  });

  Deno.test(`${place} tells what its start and each call that ends well have counted, one by one`, async () => {
    const add = (value: number) => `(call $add (i32.const 256) (i32.const 2) (f64.const ${value}))`;
    const module = await prepare(`(import "sentinel" "metric_add" (func $add (param i32 i32 f64)))
      (data (i32.const 256) "ab") (global $calls (mut i32) (i32.const 0)) (func (export "_initialize") ${add(0.25)})
      (func $misbehave (result i64) ${add(1)} ${add(2)}
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (i32.eq (global.get $calls) (i32.const 3)) (then (unreachable)))
        (call $clean))`);
    const told: unknown[] = [];
    using running = await Running.start(place, module, {
      output: () => {},
      measured: ({ added }) => told.push(...added),
    });
    for (const expected of ["value", "value", "code"]) {
      assertEquals(Object.keys(await running.call(""))[0], expected);
    }
    assertEquals(told, [["ab", 0.25], ["ab", 3], ["ab", 3]]);
  });

  Deno.test(`${place} takes only so many lines a second, whatever becomes of the instances that print them`, async () => {
    let lines = 0;
    const module = await prepare(
      guestText("prints_lines").replace("(call $clean))", "(unreachable))"),
    );
    using running = await Running.start(place, module, { output: () => lines++ });
    const startedAt = performance.now();
    for (let round = 0; round < 2 * MAX_LINES_PER_SECOND / 3; round++) {
      assertEquals("code" in await running.call(""), true);
      await running.host.renew();
    }
    const windows = Math.ceil((performance.now() - startedAt) / 1_000) + 1;
    await sleep(0);
    assert(lines >= MAX_LINES_PER_SECOND && lines <= windows * (MAX_LINES_PER_SECOND + 1), `${lines} lines`);
  });

  Deno.test(`${place}.worn turns true after the last call that an instance may serve, and false after renew()`, async () => {
    using running = await Running.start(place, await prepare(guestText("counts_calls"), { maxRequestsPerInstance: 3 }));
    for (const expected of ["0001", "0002", "0003", "0001"]) {
      const outcome = await running.call();
      assertEquals(outcome, { value: `{"decision":"allow","tags":["${expected}"]}` });
      assertEquals(running.host.worn, expected === "0003" ? "calls" : undefined);
      if (running.host.worn) await running.host.renew();
    }
  });

  Deno.test(`${place} keeps memory of each instance apart: renew() begins anew`, async () => {
    using running = await Running.start(place, await prepare(guestText("counts_calls")));
    for (const expected of ["0001", "0002"]) {
      assertEquals(await running.call(), { value: `{"decision":"allow","tags":["${expected}"]}` });
    }
    await running.host.renew();
    assertEquals(await running.call(), { value: '{"decision":"allow","tags":["0001"]}' });
  });
}

Deno.test("LocalSlot.call() refuses after close()", async () => {
  const running = await Running.start("LocalSlot", await prepare(guestText("traps")));
  running[Symbol.dispose]();
  const outcome = await running.call();
  assertEquals("code" in outcome ? outcome.code : "", "GUEST_NOT_STARTED");
});

Deno.test("ThreadSlot.renew() gives a thread up whose dropped instances held much memory", async () => {
  const text = guestText("grows_memory_to_the_limit");
  using running = await Running.start("ThreadSlot", await prepare(text, { maxMemoryMiB: 32 }));
  const { host } = running;
  assert(host instanceof ThreadSlot);
  const codes: string[] = [];
  for (let round = 0; round < 4 && !host.dead; round++) {
    assertEquals("code" in await running.call(""), true);
    await host.renew().catch((error) => codes.push(error instanceof GuestError ? error.code : String(error)));
  }
  assertEquals(codes, ["GUEST_THREAD_SPENT"]);
});

Deno.test("prepareModule() survives exports named then, __proto__ and constructor", async () => {
  const exports = ["then", "__proto__", "constructor", "toString"].map((name) => `(func (export "${name}"))`).join(" ");
  const bytes = await assemble("names", handling(`${ANSWER}) ${exports} (func`));
  for (const place of PLACES) {
    using running = await Running.start(place, await prepareModule(bytes, "names.wasm", LIMITS));
    assertEquals(await running.call(), { value: CLEAN });
  }
});

Deno.test({
  name: "ThreadSlot gives way to the event loop, but keeps a third of a core that another program wants too",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const before = new Set(niceOfThreads().keys());
    using _ = await Running.start("ThreadSlot", await prepare(guestText("prints_lines")));
    const [nice = 0] = [...niceOfThreads()].flatMap(([id, nice]) => before.has(id) || nice === 0 ? [] : [nice]);
    // Each step takes a fifth of what is left: see setpriority(2) and sched(7).
    const weight = 0.8 ** nice;
    const share = weight / (weight + 1);
    assert(share > 1 / 3 && share < 1 / 2, `${share}`);
  },
});

/** How nice each thread of this process is. One of the test before may end meanwhile. */
function niceOfThreads(): Map<string, number> {
  const nice = new Map<string, number>();
  for (const { name } of Deno.readDirSync("/proc/self/task")) {
    try {
      const text = Deno.readTextFileSync(`/proc/self/task/${name}/stat`);
      // The name in brackets may have spaces; "nice" is the 17th field behind it.
      nice.set(name, Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[16]));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return nice;
}
