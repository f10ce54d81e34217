import { assertEquals, assertRejects } from "@std/assert";
import { PoolError } from "../../../src/errors.ts";
import { REHEARSAL_MODULES, rehearse } from "../../../src/lanes/rehearsal.ts";
import { Watchdog } from "../../../src/pool/mod.ts";
import { agentConfig } from "../config/configs.ts";
import { assemble } from "../../guests/build.ts";
import { useProgramsThreads } from "../guest/guests.ts";
import { recordingObserver } from "../ops/recording_observer.ts";

useProgramsThreads();

const TEXT = await Deno.readTextFile(new URL("../../guests/rehearses.wat", import.meta.url));
const VERSION_2 = `(func (export "agent_abi_version") (result i32) (i32.const 2))`;
/** The word of the watchdog's table that counts the instances of its first row, and how many rows there are. */
const FIRST_GENERATION = 10, MAX_ROWS = 8_192;
const USUAL = { shortestMs: 10, longestMs: 40 };

const [first, second] = REHEARSAL_MODULES;
const MODULES = [
  { abi: "agent/1", base64: first, text: TEXT },
  { abi: "agent/2", base64: second, text: TEXT.replace(/\)\s*$/, `${VERSION_2})`) },
];

for (const { abi, base64, text } of MODULES) {
  Deno.test(`the module that rehearses ${abi} is what its text says`, async () => {
    assertEquals(base64, (await assemble("rehearses", text)).toBase64());
  });
}

Deno.test("rehearse() tells nobody, and leaves nothing behind once it is over or is to end", async () => {
  using watchdog = await Watchdog.start();
  const { observer, told } = recordingObserver();
  for (const signal of [AbortSignal.abort(), new AbortController().signal]) {
    const { over } = await rehearse({ config: agentConfig(), watchdog, observer, signal });
    await over;
    using rows = watchdog.allot(1, USUAL);
    assertEquals(rows.rows, [0]);
  }
  assertEquals(told, []);
});

Deno.test("rehearse() goes on whatever the operator's limits are, and starts no thread and no second instance for them", async () => {
  using watchdog = await Watchdog.start();
  const [module] = agentConfig().modules;
  const limits = {
    timeoutMs: 0.001,
    startTimeoutMs: 0.001,
    maxMemoryMiB: 0.01,
    maxTableEntries: 0,
    maxRequestsPerInstance: 1,
    allowGc: false,
  };
  const config = agentConfig({ timeoutMs: 0.001, modules: [{ ...module, limits }] });
  const generation = () => watchdog.table[FIRST_GENERATION];
  const { over } = await rehearse({ config, watchdog, observer: {}, signal: AbortSignal.abort() });
  await over;
  // One of the pool that is closed at once, and one of the next.
  assertEquals(generation(), 2);
});

Deno.test("rehearse() leaves nothing behind where it cannot start", async () => {
  using watchdog = await Watchdog.start();
  // There is room for the first of both modules.
  const taken = watchdog.allot(MAX_ROWS - 4, USUAL);
  const { signal } = new AbortController();
  await assertRejects(() => rehearse({ config: agentConfig(), watchdog, observer: {}, signal }), PoolError);
  taken[Symbol.dispose]();
  using rows = watchdog.allot(1, USUAL);
  assertEquals(rows.rows, [0]);
  using all = watchdog.allot(MAX_ROWS - 1, USUAL);
  assertEquals(all.rows.length, MAX_ROWS - 1);
});
