import { assertEquals } from "@std/assert";
import { REHEARSAL_MODULES, rehearse } from "../../../src/lanes/rehearsal.ts";
import { Watchdog } from "../../../src/pool/mod.ts";
import { agentConfig } from "../config/configs.ts";
import { assemble } from "../../guests/build.ts";
import { useProgramsThreads } from "../guest/guests.ts";
import { recordingObserver } from "../ops/recording_observer.ts";

useProgramsThreads();

const TEXT = await Deno.readTextFile(new URL("../../guests/rehearses.wat", import.meta.url));
const VERSION_2 = `(func (export "agent_abi_version") (result i32) (i32.const 2))`;
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
