/**
 * What it costs a request that it is counted, while somebody scrapes once a second.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { V1_LOADS, V2_LOAD } from "../loads.ts";
import { rssMib } from "../process.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, ratioTable } from "../results.ts";
import { alternate } from "../rounds.ts";
import { formatNumber } from "../table.ts";

const EVERY_MS = 1_000;

/** Every load with metrics and without, taking turns. */
export async function benchMetrics(context: BenchContext): Promise<PartResult> {
  const setup = { module: context.module, poolSize: context.poolSize };
  await using without = await RunningAgent.start(OURS, setup, context.folder);
  await using counting = await RunningAgent.start(OURS, { ...setup, metrics: true }, context.folder);
  using scraper = new Scraper(`${counting.socket}.admin`);
  const measured: Measured[] = [];
  const compared: Compared[] = [];
  for (const load of [...V1_LOADS, V2_LOAD]) {
    context.say(`metrics, ${load.name}`);
    const contenders = [{ agent: counting, load }, { agent: without, load }];
    const [ours = [], peer = []] = await alternate(context.loadgen, contenders, context.rounds, context.limits);
    compared.push({ load: load.name, ours, peer });
    measured.push(
      { load: load.name, agent: "with metrics", rounds: ours },
      { load: load.name, agent: "without", rounds: peer },
    );
  }
  const [mibWithout, mibWith] = [without, counting].map(({ pid }) => formatNumber(rssMib(pid)));
  const figures = figuresTable("Metrics", measured);
  const resident = `Resident then: ${mibWith} MiB with metrics, ${mibWithout} without; ${scraper.count} scrapes.`;
  return {
    part: "metrics",
    data: { measured, compared },
    tables: [ratioTable("Ours: with metrics against without", compared), {
      ...figures,
      note: `${figures.note} ${resident}`,
    }],
  };
}

/** Asks for metrics again and again. */
class Scraper implements Disposable {
  readonly #client: Deno.HttpClient;
  readonly #timer: ReturnType<typeof setInterval>;
  count = 0;

  constructor(path: string) {
    this.#client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    this.#timer = setInterval(() => this.#scrape(), EVERY_MS);
  }

  async #scrape(): Promise<void> {
    const response = await fetch("http://agent/metrics", { client: this.#client });
    await response.text();
    this.count++;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#client.close();
  }
}
