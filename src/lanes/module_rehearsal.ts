/**
 * Has the engine optimise the operator's modules before requests come: a spare instance of each is asked about events that no proxy has
 * sent, and thrown away. Nobody is told what it answers, prints or counts.
 *
 * V8 compiles a module's functions again once they have run for long enough, which for a quick module took its first hundreds of requests.
 *
 * @module
 */

import { Codec } from "../agent/mod.ts";
import { createRates, type GuestModule } from "../guest/mod.ts";
import { LocalSlot, type Watchdog } from "../pool/mod.ts";
import { NEW_RELEASE, PREFIX_BYTES, v2JsonWire } from "../protocol/mod.ts";
import { madeUpV2Frame } from "../server/mod.ts";
import { now } from "../time.ts";

/** Events of each module. It takes 100 until V8 has optimised `examples/rust-security`. */
const EVENTS = 200;
/** How long modules are rehearsed on an event loop, in milliseconds; the start that is under way then and a call may take as long again. */
const MAX_MS = 20;

/**
 * Rehearses one module after the other, and is over when this returns. Modules for which there is no time are left out.
 *
 * @param watchdog Ends starts and calls.
 * @param onFailure Told why a module is not rehearsed to the end: its instance does not start in time, or a call fails.
 */
export function rehearseModules(
  modules: readonly GuestModule[],
  watchdog: Watchdog,
  onFailure: (module: GuestModule, error: unknown) => void,
): void {
  const until = now() + MAX_MS;
  for (const module of modules) {
    if (now() >= until) return;
    try {
      rehearseModule(module, watchdog, until);
    } catch (error) {
      onFailure(module, error);
    }
  }
}

function rehearseModule(module: GuestModule, watchdog: Watchdog, until: number): void {
  using rows = watchdog.allot(1, { shortestMs: MAX_MS, longestMs: MAX_MS });
  const [row = 0] = rows.rows;
  // What it prints must not count as something that the log was told.
  const alike = { ...module, rates: createRates() };
  const slot = new LocalSlot(alike, watchdog.guard(row), { output: () => {} }, undefined, MAX_MS);
  try {
    askAll(slot, alike, until);
  } finally {
    slot.close();
  }
}

function askAll(slot: LocalSlot, module: GuestModule, until: number): void {
  const codec = new Codec(module, {});
  const wire = v2JsonWire(NEW_RELEASE);
  // Number 0 is the handshake.
  for (let number = 1; number <= EVENTS && slot.worn === undefined && now() < until; number++) {
    const head = wire.decode(madeUpV2Frame(number).subarray(PREFIX_BYTES));
    if (head.kind !== "request_headers" && head.kind !== "response_headers") continue;
    if (!module.phases.includes(head.kind)) continue;
    const { kind: phase, correlationId } = head;
    slot.call({ phase, correlationId, input: codec.encode(head), deadline: until + MAX_MS }, codec.take);
  }
}
