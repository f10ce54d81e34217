/**
 * The answer of `/status` as JSON, with everything that the status page shows.
 *
 * @module
 */

import { ERRORS } from "../../errors.ts";
import { type Figure, figuresOf, totalOf } from "../figures.ts";
import { quantileMs } from "../histogram.ts";
import type { MetricName } from "../metric_table.ts";
import type { ReloadOutcome } from "../observer.ts";
import type { History } from "./history.ts";
import type { Observation } from "./observation.ts";
import type { AgentView } from "./view.ts";

/** The whole of it; names as in the log. */
export function statusOf(
  view: AgentView,
  { reports, figures }: Observation,
  history: History,
  reasons: readonly string[],
): Record<string, unknown> {
  const total = (metric: MetricName) => totalOf(figures, metric);
  return {
    program: view.program,
    version: view.version,
    deno: Deno.version.deno,
    pid: Deno.pid,
    socket: view.socket,
    now: Date.now(),
    uptime_s: Math.round(performance.now() / 1000),
    ready: reasons.length === 0,
    reasons,
    stage: view.stage,
    can_reload: view.reload !== undefined,
    last_reload: reloadOf(view.lastReload?.()),
    lanes: reports.length,
    connections: total("sentinel_wasm_connections"),
    resident_bytes: total("process_resident_memory_bytes"),
    cpu_seconds: total("process_cpu_seconds_total"),
    totals: {
      replies: total("sentinel_wasm_replies_total"),
      errors: total("sentinel_wasm_errors_total"),
      late: total("sentinel_wasm_replies_late_total"),
      received_bytes: total("sentinel_wasm_received_bytes_total"),
      sent_bytes: total("sentinel_wasm_sent_bytes_total"),
    },
    modules: view.modules().map((module) => ({ ...module, ...countsOf(module.name, figures) })),
    pools: reports.flatMap(({ pools }, lane) =>
      pools.map(({ module, slots, waiting, queueSize, inThreads, maxMemoryBytes }) => ({
        lane,
        module,
        waiting: waiting.event_loop + waiting.thread,
        queue_size: queueSize,
        in_threads: inThreads,
        max_memory_bytes: maxMemoryBytes,
        slots: slots.map(({ place, state, work, calls, memoryBytes, ageMs }) => ({
          place,
          state,
          phase: work?.phase,
          for_ms: work && Math.round(work.forMs),
          calls,
          memory_bytes: memoryBytes,
          age_s: Math.round(ageMs / 1000),
        })),
      }))
    ),
    errors: figuresOf(figures, "sentinel_wasm_errors_total").map(describeCode),
    closed: figuresOf(figures, "sentinel_wasm_connections_closed_total").map(describeCode),
    history: history.seconds.map(({ tookMs, decisions, errors, p50Ms, p99Ms }) => ({
      ms: Math.round(tookMs),
      decisions,
      errors,
      p50_ms: rounded(p50Ms),
      p99_ms: rounded(p99Ms),
    })),
  };
}

/** What came of a reload. */
export function reloadOf(outcome: ReloadOutcome | undefined): Record<string, unknown> | undefined {
  if (outcome === undefined) return undefined;
  const { cause, at, tookMs, error, modules, needRestart } = outcome;
  return {
    reloaded: error === undefined,
    code: error?.code,
    error: error?.cause,
    trace: error?.trace,
    asked_by: cause,
    at,
    took_ms: Math.round(tookMs),
    need_restart: needRestart,
    modules,
  };
}

/** What is counted of one module. */
function countsOf(module: string, figures: readonly Figure[]): Record<string, unknown> {
  const of = (metric: MetricName) => figuresOf(figures, metric).filter(({ labels: [name] }) => name === module);
  const by = (metric: MetricName, label: number) => {
    const sums: Record<string, number> = {};
    for (const { labels, value } of of(metric)) {
      const name = labels[label] ?? "";
      sums[name] = (sums[name] ?? 0) + value;
    }
    return sums;
  };
  const [calls] = of("sentinel_wasm_call_duration_seconds");
  return {
    decisions: by("sentinel_wasm_requests_total", 2),
    errors: by("sentinel_wasm_errors_total", 1),
    recycled: by("sentinel_wasm_instances_recycled_total", 1),
    killed: by("sentinel_wasm_instances_killed_total", 1),
    metrics: by("sentinel_wasm_module_metric_total", 1),
    call_p50_ms: rounded(quantileMs(calls?.counts ?? [], 0.5)),
    call_p99_ms: rounded(quantileMs(calls?.counts ?? [], 0.99)),
  };
}

/** A count of errors with what the table of codes says of them. */
function describeCode({ labels, value }: Figure): Record<string, unknown> {
  const code = labels.at(-1) ?? "";
  const row = Object.entries(ERRORS).find(([name]) => name === code)?.[1];
  return {
    module: labels.length > 1 ? labels[0] : undefined,
    code,
    count: value,
    when: row?.when,
    remedy: row?.remedy,
  };
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Number(ms.toPrecision(3));
}
