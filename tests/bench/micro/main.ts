/**
 * Measures the steps of the hot path and prints the times as JSON. A process of its own, for the engine flags of the agent:
 * `main.ts MODULE ROUNDS ROUND_MS`.
 *
 * @module
 */

import { prepareModule } from "../../../src/guest/mod.ts";
import { Pool, Watchdog } from "../../../src/pool/mod.ts";
import { setThreadEntry } from "../../../src/threads/mod.ts";
import { measureSteps } from "./measure.ts";
import { hotPathSteps, largeHeadSteps } from "./steps.ts";
import { wholeSteps } from "./whole.ts";

const [path = "", rounds, roundMs] = Deno.args;
const module = await prepareModule(await Deno.readFile(path), "bench.wasm", {
  timeoutMs: 10_000,
  startTimeoutMs: 10_000,
  maxMemoryMiB: 128,
  maxTableEntries: 200_000,
  maxRequestsPerInstance: 0,
  allowGc: false,
});
setThreadEntry(new URL("../../../main.ts", import.meta.url).href);
const watchdog = await Watchdog.start();
const pool = await Pool.create(module, {
  watchdog,
  size: 1,
  queueSize: 0,
  // Without threads no call is cut short on a busy machine, which would leave none for the next.
  reserve: 0,
  observer: { notStarted: console.error },
});
const steps = [...hotPathSteps(module), ...wholeSteps(module, pool), ...largeHeadSteps(module)];
const times = await measureSteps(steps, { rounds: Number(rounds), roundMs: Number(roundMs) });
console.log(JSON.stringify(times));
pool.close();
watchdog[Symbol.dispose]();
