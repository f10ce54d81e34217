/**
 * Has the engine optimise an operator's module before requests come: a spare instance of it is asked about events that no proxy has sent,
 * and thrown away. Nobody is told what it answers, prints or counts.
 *
 * V8 compiles a module's functions again once they have run for long enough, which for a quick module took its first hundreds of requests.
 *
 * @module
 */

import { Codec } from "../agent/mod.ts";
import { createRates, Guest, type GuestModule } from "../guest/mod.ts";
import type { Watchdog } from "../pool/mod.ts";
import { NEW_RELEASE, PREFIX_BYTES, v2JsonWire } from "../protocol/mod.ts";
import { madeUpFrame } from "../server/mod.ts";
import { now } from "../time.ts";

/** As many calls as it takes: 100 for `examples/rust-security`. */
const CALLS = 200;
/** How long its start may take, and how long calls are begun, in milliseconds; the last one may take as long again. */
const MAX_MS = 20;

/**
 * Rehearses one module, and is over when this returns.
 *
 * @param watchdog Ends its start and its calls.
 * @throws {GuestError} if the instance does not start in time, or a call fails; the rest is left out then.
 * @throws {PoolError} `POOL_TOO_LARGE`
 */
export function rehearseModule(module: GuestModule, watchdog: Watchdog): void {
  using rows = watchdog.allot(1, { shortestMs: MAX_MS, longestMs: MAX_MS });
  const [row = 0] = rows.rows;
  // What it prints must not count as something that the log was told.
  const alike = { ...module, rates: createRates() };
  const guest = new Guest(alike, { guard: watchdog.guard(row), output: () => {}, startMs: MAX_MS });
  const codec = new Codec(alike, {});
  const wire = v2JsonWire(NEW_RELEASE);
  const until = now() + MAX_MS;
  const deadline = until + MAX_MS;
  for (let number = 1; number <= CALLS && now() < until; number++) {
    const head = wire.decode(madeUpFrame(number).subarray(PREFIX_BYTES));
    if (head.kind !== "request_headers" && head.kind !== "response_headers") continue;
    if (!module.phases.includes(head.kind)) continue;
    const { kind: phase, correlationId } = head;
    guest.call({ phase, correlationId, input: codec.encode(head), deadline }, codec.take);
  }
}
