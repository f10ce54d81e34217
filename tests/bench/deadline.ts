/**
 * How long after its deadline a call that never ends is stopped: `deno run -A tests/bench/deadline.ts [CALLS]`.
 *
 * On the event loop's thread and in a thread of its own; run it with and without other load.
 *
 * @module
 */

import { type CallGuard, Guest, type GuestModule, prepareModule } from "../../src/guest/mod.ts";
import { sleep } from "../../src/sleep.ts";
import { setThreadEntry } from "../../src/threads/mod.ts";
import { ThreadSlot } from "../../src/pool/thread_slot.ts";
import { Watchdog } from "../../src/pool/watchdog.ts";
import { buildGuest } from "../guests/build.ts";

const TIMEOUT_MS = 10;
const calls = Number(Deno.args[0] ?? 1000);

const input = new TextEncoder().encode("!");

function call(now: number) {
  return { phase: "request_headers", input, correlationId: "", deadline: now + TIMEOUT_MS } as const;
}

function report(where: string, lateness: number[]): void {
  lateness.sort((a, b) => a - b);
  const at = (part: number) => (lateness[Math.floor(lateness.length * part)] ?? NaN).toFixed(2);
  console.log(
    `${where}: ${calls} calls stopped after the deadline: median ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `p99.9 ${at(0.999)} ms, max ${at(0.99999)} ms`,
  );
}

async function onEventLoop(module: GuestModule, guard: CallGuard): Promise<number[]> {
  const lateness: number[] = [];
  for (let index = 0; index < calls; index++) {
    const guest = new Guest(module, { guard, output: () => {} });
    const begun = call(performance.now());
    try {
      guest.call(begun, () => {});
    } catch {
      lateness.push(performance.now() - begun.deadline);
    }
    await sleep(0);
  }
  return lateness;
}

/** A thread is given up when its dropped instances take much memory: then the next one goes on. */
async function inThread(start: () => Promise<ThreadSlot>): Promise<number[]> {
  const lateness: number[] = [];
  let host = await start();
  for (let index = 0; index < calls; index++) {
    const begun = call(performance.now());
    try {
      await host.call(begun, () => {});
    } catch {
      lateness.push(performance.now() - begun.deadline);
    }
    try {
      await host.renew();
    } catch {
      host.close();
      host = await start();
    }
  }
  host.close();
  return lateness;
}

const module = await prepareModule(await buildGuest("spins_forever"), "spins_forever.wasm", {
  timeoutMs: TIMEOUT_MS,
  startTimeoutMs: 5_000,
  maxMemoryMiB: 16,
  maxTableEntries: 100,
  maxRequestsPerInstance: 0,
  allowGc: false,
});
setThreadEntry(new URL("../../main.ts", import.meta.url).href);
const watchdog = await Watchdog.start();
watchdog.allot(2, { shortestMs: TIMEOUT_MS, longestMs: TIMEOUT_MS });
report("on the event loop", await onEventLoop(module, watchdog.guard(0)));
report("in a thread", await inThread(() => ThreadSlot.start(module, watchdog, 1, { output: () => {} })));
watchdog[Symbol.dispose]();
