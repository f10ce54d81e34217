/**
 * How much a function may ask of V8's compilers, and all functions of a module together.
 *
 * @module
 */

import type { CodeOf } from "../errors.ts";
import { quoted } from "../escape.ts";
import { readFunctionName } from "./sections/custom.ts";
import { ModuleFault } from "./fault.ts";
import type { Declarations } from "./declarations.ts";
import type { BodyCost } from "./work_meter.ts";

/**
 * Bounds of what V8's compilers, which cannot be stopped, may have to do for one function, and for all of a module.
 *
 * Each default is a large multiple of the largest value in real modules: 825 of them, from npm and PyPI packages (clang,
 * OpenCascade, DuckDB, Biome, Pyodide, PHP, MediaPipe and their like) and from plugins of proxies. `tests/corpus` holds
 * the packages to them.
 */
export interface CostLimits {
  /** Bytes of the body as it stands in the module. The largest of those taken is 906 KB (DuckDB). */
  readonly maxBodyBytes: number;
  /** Parameters and declared locals: 2,452 in a C program built to count its coverage. */
  readonly maxLocals: number;
  /**
   * Locals and operands on the stack, summed over blocks, branches and inserted probes: 12.3 million in Biome. At 45
   * bytes and 20 ns each, the baseline compiler takes up to 900 MB and half a second for a moment.
   */
  readonly maxWork: number;
  /**
   * Estimated memory of the optimising compiler, in 256 bytes: 1.8 million in Biome. The limit is 770 MB, 1 GB where the
   * estimate is most wrong, and some 5 s in a thread of V8's, once for the function.
   */
  readonly maxNodes: number;
  /**
   * Values to be merged at the ends of blocks and heads of loops: 157,907 in Biome. The optimising compiler takes up to
   * 650 bytes for each.
   */
  readonly maxMerges: number;
  /** Edges to one label: 13,887 in Pyodide. V8 ends the process at 65,535, and takes 8 ns times their square before. */
  readonly maxEdges: number;
  /** Calls and throws under one `try`, each an edge to its handler: 1,350 in DuckDB. V8 ends the process at 65,535. */
  readonly maxUnwinds: number;
  /** Loops: 2,267 in Biome. The optimising compiler takes time that grows with their square, 9 ns. */
  readonly maxLoops: number;
  /**
   * Uses of locals after calls, each counted with the calls before it: 429 million in Biome. A value that is used all along a function
   * is kept in memory at each call, and the optimising compiler looks at all its uses each time, at up to 21 ns.
   */
  readonly maxCrossings: number;
  /** {@linkcode maxWork} summed over the module: 65 million in OpenCascade. The limit is some 3 s of one core at start. */
  readonly maxModuleWork: number;
  /** {@linkcode maxNodes} summed over the module: 111 million in clang. */
  readonly maxModuleNodes: number;
  /** {@linkcode maxCrossings} summed over the module: 931 million in Biome. */
  readonly maxModuleCrossings: number;
}

/** The limits that hold if no others are given. */
export const DEFAULT_COST_LIMITS: CostLimits = {
  maxBodyBytes: 4 * 1024 * 1024,
  maxLocals: 10_000,
  maxWork: 20_000_000,
  maxNodes: 3_000_000,
  maxMerges: 500_000,
  maxEdges: 28_000,
  maxUnwinds: 4_000,
  maxLoops: 6_000,
  maxCrossings: 850_000_000,
  maxModuleWork: 160_000_000,
  maxModuleNodes: 200_000_000,
  maxModuleCrossings: 1_800_000_000,
};

/** What one function costs, its size in the module included. */
export interface FunctionCost extends BodyCost {
  readonly byteLength: number;
}

type Row<Cost> = readonly [limit: keyof CostLimits, what: string, of: (cost: Cost) => number];

const FUNCTION_ROWS: readonly Row<FunctionCost>[] = [
  ["maxBodyBytes", "bytes in the body", ({ byteLength }) => byteLength],
  ["maxLocals", "parameters and locals", ({ locals }) => locals],
  ["maxWork", "locals and operands, summed over its branches", ({ work }) => work],
  ["maxLoops", "loops", ({ loops }) => loops],
  ["maxEdges", "branches to one label", ({ edges }) => edges],
  ["maxUnwinds", "calls and throws in one try", ({ unwinds }) => unwinds],
  ["maxMerges", "values to be merged at the ends of its blocks", ({ merges }) => merges],
  ["maxCrossings", "uses of locals after calls, each counted with the calls before it", ({ crossings }) => crossings],
  ["maxNodes", "estimated nodes of the optimising compiler", ({ nodes }) => nodes],
];

/** Adds up what the functions of a module cost, and refuses the first that is too much. */
export class CostSum {
  readonly #declarations: Declarations;
  readonly #limits: CostLimits;
  #work = 0;
  #nodes = 0;
  #crossings = 0;

  constructor(declarations: Declarations, limits: CostLimits) {
    this.#declarations = declarations;
    this.#limits = limits;
  }

  /**
   * Takes the function with this index.
   *
   * @throws {ModuleError} `MODULE_FUNCTION_TOO_LARGE` naming it and the limit, `MODULE_TOO_LARGE` if the sum is too much.
   */
  add(index: number, cost: FunctionCost): void {
    for (const [key, what, of] of FUNCTION_ROWS) {
      const received = of(cost);
      if (received > this.#limits[key]) {
        const name = functionName(this.#declarations, index);
        throw tooMuch("MODULE_FUNCTION_TOO_LARGE", `${name} must have`, this.#limits[key], what, received);
      }
    }
    this.#work += cost.work;
    this.#nodes += cost.nodes;
    this.#crossings += cost.crossings;
    this.#checkModule("maxModuleWork", "locals and operands, summed over the branches of all functions", this.#work);
    this.#checkModule(
      "maxModuleNodes",
      "estimated nodes of the optimising compiler, summed over all functions",
      this.#nodes,
    );
    this.#checkModule(
      "maxModuleCrossings",
      "uses of locals after calls, each counted with the calls before it, summed over all functions",
      this.#crossings,
    );
  }

  #checkModule(key: keyof CostLimits, what: string, received: number): void {
    if (received > this.#limits[key]) {
      throw tooMuch("MODULE_TOO_LARGE", "it must have", this.#limits[key], what, received);
    }
  }
}

function tooMuch(
  code: CodeOf<"ModuleError">,
  who: string,
  limit: number,
  what: string,
  received: number,
): ModuleFault {
  return new ModuleFault(
    code,
    `${who} at most ${limit} ${what} (compiling more could take seconds and cannot be stopped)`,
    Math.ceil(received),
  );
}

/** `function 7 "parse"`, the name only if the module has one for it. */
export function functionName(declarations: Declarations, index: number): string {
  const names = declarations.customSection("name");
  const name = names && readFunctionName(declarations.bytes, names, index);
  return name === undefined ? `function ${index}` : `function ${index} ${quoted(name)}`;
}
