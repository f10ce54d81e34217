/**
 * An agent at one moment: all event loops together.
 *
 * @module
 */

import process from "node:process";
import { addUp, type Figure } from "../figures.ts";
import type { MetricName } from "../metric_table.ts";
import type { LaneReport, PoolSnapshot } from "../snapshot.ts";
import type { AgentView } from "./view.ts";

/** Everything that is known about the agent at that moment. */
export interface Observation {
  /** When, on `performance.now()`. */
  readonly at: number;
  readonly reports: readonly LaneReport[];
  /** Of all event loops, added up, those of pools and process included. */
  readonly figures: readonly Figure[];
}

/** Asks an agent's event loops. A caller that asks while others wait gets the same answer as they do. */
export class AgentWatch {
  readonly #view: AgentView;
  #asked: Promise<Observation> | undefined;

  constructor(view: AgentView) {
    this.#view = view;
  }

  /** The agent now. */
  observe(): Promise<Observation> {
    return this.#asked ??= this.#ask().finally(() => this.#asked = undefined);
  }

  async #ask(): Promise<Observation> {
    const reports = await this.#view.reports();
    const counted = reports.flatMap(({ figures, pools }, lane) => [...figures, ...poolFigures(pools, lane)]);
    return {
      at: performance.now(),
      reports,
      figures: [...addUp(counted), ...moduleFigures(this.#view), ...processFigures(this.#view, reports.length)],
    };
  }
}

function* poolFigures(pools: readonly PoolSnapshot[], lane: number): Iterable<Figure> {
  for (const { module, slots, waiting, queueSize, inThreads, maxMemoryBytes } of pools) {
    for (const [slot, { place, state, memoryBytes }] of slots.entries()) {
      yield { metric: "sentinel_wasm_instances", labels: [module, place, state], value: 1 };
      const labels = [module, String(lane), place, String(slot)];
      yield { metric: "sentinel_wasm_instance_memory_bytes", labels, value: memoryBytes };
    }
    for (const [place, value] of Object.entries(waiting)) {
      yield { metric: "sentinel_wasm_calls_waiting", labels: [module, place], value };
    }
    yield { metric: "sentinel_wasm_calls_waiting_limit", labels: [module], value: queueSize };
    yield { metric: "sentinel_wasm_lanes_in_threads", labels: [module], value: inThreads ? 1 : 0 };
    // The same for all event loops: only the first tells it, because what has the same labels is added up.
    if (lane === 0) {
      yield { metric: "sentinel_wasm_instance_memory_limit_bytes", labels: [module], value: maxMemoryBytes };
    }
  }
}

function moduleFigures(view: AgentView): readonly Figure[] {
  return view.modules().map(({ name, sha256, abi }) => one("sentinel_wasm_module_info", 1, name, sha256, abi));
}

function processFigures({ version }: AgentView, lanes: number): readonly Figure[] {
  const { user, system } = process.cpuUsage();
  return [
    one("sentinel_wasm_lanes", lanes),
    one("sentinel_wasm_build_info", 1, version, Deno.version.deno, Deno.version.v8),
    one("process_start_time_seconds", performance.timeOrigin / 1e3),
    one("process_cpu_seconds_total", (user + system) / 1e6),
    one("process_resident_memory_bytes", Deno.memoryUsage().rss),
  ];
}

/** A figure that only the main thread tells. */
export function one(metric: MetricName, value: number, ...labels: readonly string[]): Figure {
  return { metric, labels, value };
}
