/**
 * Agents that are not there, to look at.
 *
 * @module
 */

import type { AgentView } from "../../../../src/ops/admin/view.ts";
import type { Figure, LaneReport, PoolSnapshot, ReloadOutcome, SlotSnapshot } from "../../../../src/ops/mod.ts";

/** One instance. */
export function slot(changes: Partial<SlotSnapshot> = {}): SlotSnapshot {
  return { place: "event_loop", state: "idle", calls: 7, memoryBytes: 65_536, ageMs: 3_000, ...changes };
}

/** One pool with two instances. */
export function pool(changes: Partial<PoolSnapshot> = {}): PoolSnapshot {
  return {
    module: "m.wasm",
    slots: [slot(), slot({ place: "thread", state: "working", work: { phase: "request_headers", forMs: 12.4 } })],
    waiting: { event_loop: 1, thread: 2 },
    queueSize: 10,
    inThreads: false,
    maxMemoryBytes: 1_048_576,
    ...changes,
  };
}

/** Replies and errors of one event loop, as it counts them. */
export function counted(replies: number, errors: number): readonly Figure[] {
  return [
    { metric: "sentinel_wasm_replies_total", labels: ["request_headers", "block", "v1"], value: replies },
    { metric: "sentinel_wasm_errors_total", labels: ["m.wasm", "GUEST_TRAPPED"], value: errors },
  ];
}

/** What came of a reload. */
export function outcome(error?: string): ReloadOutcome {
  const failure = error === undefined ? undefined : { code: "MODULE_UNREADABLE", cause: error };
  return { cause: "admin", at: 1_000, tookMs: 12.4, error: failure, modules: [], needRestart: ["lanes"] };
}

/** An agent with one event loop. */
export function view(
  changes: Omit<Partial<AgentView>, "reports"> & { readonly lanes?: readonly LaneReport[] } = {},
): AgentView {
  const { lanes = [{ figures: [], pools: [pool()] }], ...rest } = changes;
  return {
    program: "agent",
    version: "1.2.3",
    socket: "/run/a.sock",
    stage: "serving",
    modules: () => [{
      name: "m.wasm",
      sha256: "ab",
      bytes: 10,
      abi: "agent/2",
      phases: ["request_headers"],
      fail_mode: "closed",
      timeout_ms: 40,
      since: 5,
    }],
    ...rest,
    reports: () => Promise.resolve(lanes),
  };
}
