/**
 * `deno task bench`: what each step of the hot path costs, and what the whole does over a real socket.
 *
 * @module
 */

import { type BenchContext, createContext } from "./context.ts";
import { describeMachine, formatMachine } from "./machine.ts";
import { type BenchOptions, HELP, parseOptions, type Part } from "./options.ts";
import { benchFloor } from "./parts/floor.ts";
import { benchIdle } from "./parts/idle.ts";
import { benchLanes } from "./parts/lanes.ts";
import { benchLoads, benchNoise } from "./parts/loads.ts";
import { benchMemory } from "./parts/memory.ts";
import { benchChain } from "./parts/chain.ts";
import { benchMetrics } from "./parts/metrics.ts";
import { benchMicro } from "./parts/micro.ts";
import { benchPaced } from "./parts/paced.ts";
import { benchProxy, checkInstalled } from "./parts/proxy.ts";
import { benchScaling } from "./parts/scaling.ts";
import { benchSizes } from "./parts/sizes.ts";
import { benchSlow } from "./parts/slow.ts";
import { benchStartup } from "./parts/startup.ts";
import { formatResult, type PartResult, writeJson, writeReadme } from "./report.ts";

const RUN: Readonly<Record<Part, (context: BenchContext) => Promise<PartResult>>> = {
  micro: benchMicro,
  noise: benchNoise,
  floor: benchFloor,
  loads: benchLoads,
  slow: benchSlow,
  sizes: benchSizes,
  paced: benchPaced,
  idle: benchIdle,
  startup: benchStartup,
  memory: benchMemory,
  lanes: benchLanes,
  metrics: benchMetrics,
  chain: benchChain,
  proxy: benchProxy,
  scaling: benchScaling,
};

async function bench(options: BenchOptions): Promise<void> {
  // What is missing is told at once, and not after the other parts.
  if (options.parts.includes("proxy")) checkInstalled(options.proxies);
  const machine = describeMachine();
  console.log(`${formatMachine(machine)}\n`);
  const style = options.markdown ? "markdown" : "plain";
  const folder = Deno.makeTempDirSync({ prefix: "wasm-agent-bench-" });
  const results: PartResult[] = [];
  try {
    const context = await createContext(options, folder);
    for (const part of options.parts) {
      const result = await RUN[part](context);
      console.log(formatResult(result, style));
      results.push(result);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  if (options.readme) writeReadme(formatMachine(machine), results);
  if (options.json !== undefined) writeJson(options.json, machine, results);
}

const options = parseOptions(Deno.args);
if (options.help) console.log(HELP);
else await bench(options);
