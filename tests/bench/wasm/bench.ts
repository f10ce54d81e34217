/**
 * Measures what the rewrite costs: milliseconds a megabyte to do it, and the ratio of run times with and without it.
 *
 *     deno run -A tests/bench/wasm/bench.ts
 *
 * The modules are those of the corpus (`tests/corpus/fetch.ts`); the kernels need none.
 *
 * @module
 */

import { basename } from "@std/path";
import { ModuleError } from "../../../src/errors.ts";
import { instrumentModule } from "../../../src/wasm/mod.ts";
import { cacheFolder, wasmFiles } from "../../corpus/cache.ts";
import { KERNELS } from "./kernels.ts";
import wabtInit from "wabt";

const OPTIONS = { maxMemoryPages: 65_536, maxTableEntries: 10_000_000, allowGc: true };
const ROUNDS = 9;
const MIN_MODULE_BYTES = 500_000;

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function time(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function benchModules(): void {
  const seen = new Set<string>();
  for (const path of wasmFiles(cacheFolder())) {
    const bytes = Deno.readFileSync(path);
    const id = `${basename(path)} ${bytes.length}`;
    if (bytes.length < MIN_MODULE_BYTES || seen.has(id)) continue;
    seen.add(id);
    try {
      const validate = median(Array.from({ length: 3 }, () => time(() => WebAssembly.validate(bytes))));
      const all = median(Array.from({ length: 3 }, () => time(() => instrumentModule(bytes, OPTIONS))));
      const megabytes = bytes.length / 1e6;
      const growth = (instrumentModule(bytes, OPTIONS).bytes.length / bytes.length - 1) * 100;
      console.log(
        `${basename(path).padEnd(28)} ${megabytes.toFixed(1).padStart(5)} MB  ${all.toFixed(0).padStart(4)} ms, ` +
          `${(all / megabytes).toFixed(1)} ms/MB (V8's validation ${validate.toFixed(0)} ms)  size ${
            growth.toFixed(1)
          } %`,
      );
    } catch (error) {
      if (!(error instanceof ModuleError)) throw error;
      console.log(`${basename(path).padEnd(28)} refused: ${error.code}`);
    }
  }
}

function load(bytes: Uint8Array<ArrayBuffer>): (n: number) => unknown {
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  if (typeof run !== "function") throw new Error("Cannot happen");
  return (n) => run(n);
}

async function benchKernels(): Promise<void> {
  const wabt = await wabtInit();
  for (const { name, n, wat } of KERNELS) {
    const binary = wabt.parseWat(`${name}.wat`, wat).toBinary({}).buffer;
    const original = Uint8Array.from(binary);
    const plain = load(original);
    const checked = load(instrumentModule(original, OPTIONS).bytes);
    const ratios: number[] = [];
    const times: number[] = [];
    for (let round = -2; round < ROUNDS; round++) {
      const a = time(() => plain(n));
      const b = time(() => checked(n));
      // The first rounds warm up: V8 swaps in its optimised code.
      if (round < 0) continue;
      ratios.push(b / a);
      times.push(a);
    }
    console.log(`${name.padEnd(38)} x ${median(ratios).toFixed(2)}  (${median(times).toFixed(1)} ms without checks)`);
  }
}

benchModules();
await benchKernels();
