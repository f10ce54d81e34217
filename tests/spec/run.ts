/**
 * Runs the official WebAssembly suite over each module as it is and rewritten, and compares every answer.
 *
 *     deno run -A tests/spec/run.ts --suite DIR_OR_TGZ [--only NAME]
 *
 * The suite is not part of this project: `.wast` files converted by `wasm-tools json-from-wast`, which
 * `tools/fetch_spec_suite.sh` does.
 *
 * @module
 */

import { DEFAULT_PIECES, instrumentModule, type Pieces } from "../../src/wasm/mod.ts";
import { runFile } from "./run_file.ts";
import { readSuite, unpackSuite } from "./suite.ts";
import { World } from "./world.ts";

/** Nothing is clamped: the types of what modules share must stay as they are. */
const UNBOUNDED = {
  maxMemoryPages: Infinity,
  maxTableEntries: Infinity,
  allowGc: true,
  costs: {
    maxBodyBytes: Infinity,
    maxLocals: Infinity,
    maxWork: Infinity,
    maxNodes: Infinity,
    maxMerges: Infinity,
    maxEdges: Infinity,
    maxUnwinds: Infinity,
    maxLoops: Infinity,
    maxCrossings: Infinity,
    maxModuleWork: Infinity,
    maxModuleNodes: Infinity,
    maxModuleCrossings: Infinity,
  },
};

/** As the agent does it, and with bulk instructions cut as small as can be: the suite's own are all short. */
const PIECES: readonly Pieces[] = [DEFAULT_PIECES, { bytes: 3, entries: 2, elements: 2 }];

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

function print(title: string, map: Map<string, number>): void {
  for (const [key, number] of map) console.log(`${title}: ${number} x ${key}`);
}

function option(name: string): string | undefined {
  const at = Deno.args.indexOf(name);
  return at < 0 ? undefined : Deno.args[at + 1];
}

const source = option("--suite");
if (source === undefined) {
  console.error("Usage: deno run -A tests/spec/run.ts --suite DIR_OR_TGZ [--only NAME]");
  Deno.exit(2);
}
const suite = Deno.statSync(source).isFile ? await unpackSuite(source) : { folder: source, remove: () => {} };

let files = 0;
let passed = 0;
let failed = 0;
let skipped = 0;
const kinds = new Map<string, number>();
const reasons = new Map<string, number>();
const deviations = new Map<string, number>();
const runs = [...readSuite(suite.folder, option("--only"))].flatMap((file) =>
  PIECES.map((pieces) => ({ file, pieces }))
);
for (const { file, pieces } of runs) {
  files++;
  const original = new World();
  const instrumented = new World((bytes) => instrumentModule(bytes, { ...UNBOUNDED, pieces }).bytes);
  for (const { command, failure, deviation, skipped: reason } of runFile(file, original, instrumented)) {
    count(kinds, command.type);
    if (reason !== undefined) {
      skipped++;
      count(reasons, reason);
    } else if (failure !== undefined) {
      failed++;
      console.log(`FAILED ${file.name}:${command.line} ${command.type}: ${failure}`);
    } else {
      passed++;
      if (deviation !== undefined) {
        count(deviations, `${file.name} ${command.type}, expected ${command.text}: ${deviation}`);
      }
    }
  }
}
suite.remove();
print("commands", kinds);
print("skipped", reasons);
print("V8 differs from the suite, the same in both", deviations);
console.log(`${files} runs of files: ${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
