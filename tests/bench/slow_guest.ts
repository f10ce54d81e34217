/**
 * A module that takes about {@linkcode SLOW_MS} over some requests, whatever the machine.
 *
 * @module
 */

import { join } from "@std/path";
import { assemble } from "../guests/build.ts";
import { instrumentModule } from "../../src/wasm/mod.ts";

/** What a slow request should take, in milliseconds. */
export const SLOW_MS = 20;

const TRIAL_ROUNDS = 100_000;
/** How long it is tried, in milliseconds: the engine compiles the loop well in another thread, once it has seen some calls. */
const TRIAL_MS = 500;
const INPUT_AT = 4096;

/** Writes the module into `folder`; its path. */
export async function buildSlowGuest(folder: string): Promise<string> {
  const text = await Deno.readTextFile(new URL("./guests/slow_on_request.wat", import.meta.url));
  const withRounds = (rounds: number) => assemble("slow_on_request", text.replaceAll("ROUNDS", String(rounds)));
  const trialMs = measure(await withRounds(TRIAL_ROUNDS));
  const path = join(folder, "slow_on_request.wasm");
  await Deno.writeFile(path, await withRounds(Math.round(TRIAL_ROUNDS * SLOW_MS / trialMs)));
  return path;
}

/** Shortest time of a slow call, in milliseconds, as our agent runs the module. */
function measure(bytes: Uint8Array<ArrayBuffer>): number {
  const { bytes: instrumented } = instrumentModule(bytes, { maxMemoryPages: 16, maxTableEntries: 0, allowGc: false });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(instrumented));
  const { memory, on_request_headers: handler } = exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof handler !== "function") throw new Error("Cannot happen");
  const input = new TextEncoder().encode("slow");
  new Uint8Array(memory.buffer, INPUT_AT).set(input);
  let shortest = Infinity;
  const until = performance.now() + TRIAL_MS;
  for (let start = performance.now(); start < until; start = performance.now()) {
    handler(INPUT_AT, input.length);
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}
