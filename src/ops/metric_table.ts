/**
 * The one table of metrics: what is written for Prometheus, and `docs/metrics.md`, come from it.
 *
 * @module
 */

/** What is known of one metric. */
export interface MetricRow {
  /** As Prometheus has them. */
  readonly type: "counter" | "gauge" | "histogram";
  /** One sentence. */
  readonly help: string;
  /** Names of its labels, in the order in which a figure has their values. */
  readonly labels: readonly string[];
}

/** Every metric. Times are in seconds, sizes in bytes. */
export const METRICS = {
  sentinel_wasm_requests_total: {
    type: "counter",
    help: "Events that a module has decided, or its fail mode in its place.",
    labels: ["module", "phase", "decision", "protocol"],
  },
  sentinel_wasm_replies_total: {
    type: "counter",
    help: "Replies to the proxy: of all modules of the chain together, and for events that no module handles.",
    labels: ["phase", "decision", "protocol"],
  },
  sentinel_wasm_errors_total: {
    type: "counter",
    help: "Events that took a module's fail mode, and instances that did not start, by the code of docs/errors.md.",
    labels: ["module", "code"],
  },
  sentinel_wasm_cancelled_total: {
    type: "counter",
    help: "Calls that were still waiting when the proxy no longer wanted their answer.",
    labels: ["module"],
  },
  sentinel_wasm_event_duration_seconds: {
    type: "histogram",
    help: "Time from an event's arrival to its decision.",
    labels: ["phase", "protocol"],
  },
  sentinel_wasm_queue_duration_seconds: {
    type: "histogram",
    help: "Time that a call waited for an instance.",
    labels: ["module"],
  },
  sentinel_wasm_call_duration_seconds: {
    type: "histogram",
    help: "Time that a call of a module took, on the event loop or in a thread.",
    labels: ["module"],
  },
  sentinel_wasm_replies_late_total: {
    type: "counter",
    help: "Replies dropped because their decision came too late for the proxy.",
    labels: [],
  },
  sentinel_wasm_replies_not_taken_total: {
    type: "counter",
    help: "Replies dropped because the proxy had not taken them in time.",
    labels: [],
  },
  sentinel_wasm_instances: {
    type: "gauge",
    help: "Instances of a module, by where they run and what they do now.",
    labels: ["module", "place", "state"],
  },
  sentinel_wasm_instances_made_total: {
    type: "counter",
    help: "Instances that have started.",
    labels: ["module", "place"],
  },
  sentinel_wasm_instances_recycled_total: {
    type: "counter",
    help: "Instances replaced because they had served their share, of calls or of memory.",
    labels: ["module", "reason"],
  },
  sentinel_wasm_instances_killed_total: {
    type: "counter",
    help: "Instances replaced because a call of theirs failed, by the code of docs/errors.md.",
    labels: ["module", "code"],
  },
  sentinel_wasm_instance_memory_bytes: {
    type: "gauge",
    help: "Memory of an instance.",
    labels: ["module", "lane", "place", "slot"],
  },
  sentinel_wasm_instance_memory_limit_bytes: {
    type: "gauge",
    help: "Most memory that one instance of a module may have (--max-memory).",
    labels: ["module"],
  },
  sentinel_wasm_calls_waiting: {
    type: "gauge",
    help: "Calls that wait for an instance.",
    labels: ["module", "place"],
  },
  sentinel_wasm_calls_waiting_limit: {
    type: "gauge",
    help: "Most calls that may wait at each place (--queue-size, over all lanes).",
    labels: ["module"],
  },
  sentinel_wasm_lanes_in_threads: {
    type: "gauge",
    help: "Event loops that have a module's long calls run in threads.",
    labels: ["module"],
  },
  sentinel_wasm_printed_lines_total: {
    type: "counter",
    help: "Lines that a module has printed and that were let through to the log.",
    labels: ["module", "stream"],
  },
  sentinel_wasm_unknown_keys_total: {
    type: "counter",
    help: "Different keys in a module's answers that mean nothing.",
    labels: ["module"],
  },
  sentinel_wasm_module_metric_total: {
    type: "counter",
    help: "What a module counts itself, with metric_add.",
    labels: ["module", "name"],
  },
  sentinel_wasm_connections: {
    type: "gauge",
    help: "Connections that are open.",
    labels: [],
  },
  sentinel_wasm_connections_total: {
    type: "counter",
    help: "Connections that have been served.",
    labels: [],
  },
  sentinel_wasm_connections_closed_total: {
    type: "counter",
    help: "Connections refused, or closed for what their peer did, by the code of docs/errors.md.",
    labels: ["code"],
  },
  sentinel_wasm_handshakes_total: {
    type: "counter",
    help: "Handshakes of protocol v2, by their result.",
    labels: ["result"],
  },
  sentinel_wasm_received_frames_total: {
    type: "counter",
    help: "Frames from proxies.",
    labels: [],
  },
  sentinel_wasm_received_bytes_total: {
    type: "counter",
    help: "Bytes from proxies.",
    labels: [],
  },
  sentinel_wasm_sent_frames_total: {
    type: "counter",
    help: "Frames to proxies.",
    labels: [],
  },
  sentinel_wasm_sent_bytes_total: {
    type: "counter",
    help: "Bytes to proxies.",
    labels: [],
  },
  sentinel_wasm_reloads_total: {
    type: "counter",
    help: "Reloads, by who asked for them and whether the new modules serve.",
    labels: ["asked_by", "result"],
  },
  sentinel_wasm_last_reload_successful: {
    type: "gauge",
    help: "1 if the last reload brought new modules, 0 if the old ones had to stay; absent before the first.",
    labels: [],
  },
  sentinel_wasm_last_reload_timestamp_seconds: {
    type: "gauge",
    help: "When the last reload began, in seconds since 1970; absent before the first.",
    labels: [],
  },
  sentinel_wasm_ready: {
    type: "gauge",
    help: "1 while /readyz says ready, else 0.",
    labels: [],
  },
  sentinel_wasm_lanes: {
    type: "gauge",
    help: "Event loops on the socket (--lanes).",
    labels: [],
  },
  sentinel_wasm_build_info: {
    type: "gauge",
    help: "1, with the versions of the agent, of Deno and of V8.",
    labels: ["version", "deno", "v8"],
  },
  sentinel_wasm_module_info: {
    type: "gauge",
    help: "1, with a module's SHA-256 and the ABI that it speaks.",
    labels: ["module", "sha256", "abi"],
  },
  process_start_time_seconds: {
    type: "gauge",
    help: "When the process began, in seconds since 1970.",
    labels: [],
  },
  process_cpu_seconds_total: {
    type: "counter",
    help: "CPU time of the process, all threads together.",
    labels: [],
  },
  process_resident_memory_bytes: {
    type: "gauge",
    help: "Memory of the process.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** A metric of the table. */
export type MetricName = keyof typeof METRICS;
