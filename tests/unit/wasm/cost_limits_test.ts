import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { BodyScanner } from "../../../src/wasm/body_scanner.ts";
import { type CostLimits, DEFAULT_COST_LIMITS, instrumentModule } from "../../../src/wasm/mod.ts";
import { assemble, leb, section, withCode } from "./assemble.ts";

const OPTIONS = { maxMemoryPages: 16, maxTableEntries: 16, allowGc: false };

function repeat(times: number, code: readonly number[]): number[] {
  return Array<readonly number[]>(times).fill(code).flat();
}

/** A body nested so deep, each block of which has to merge all of 100 locals. */
function merging(depth: number): number[] {
  const sets = Array.from({ length: 100 }, (_, local) => [0x41, 0, 0x21, local]).flat();
  return [...repeat(depth, [0x02, 0x40]), ...sets, ...repeat(depth, [0x0b])];
}

/** Code of so many bytes, most of them of padded constants that are dropped. */
function longCode(size: number): number[] {
  const constant = [0x41, 0x80, 0x80, 0x80, 0x80, 0x00, 0x1a];
  return [...Array<number>(size % constant.length).fill(0x01), ...repeat(Math.floor(size / constant.length), constant)];
}

/** Modules of a size that one limit counts, which is 1 a step. */
const bounded: readonly { limit: keyof CostLimits; of: (size: number) => Uint8Array<ArrayBuffer>; step?: number }[] = [
  { limit: "maxBodyBytes", of: (size) => withCode(longCode(size - 2)) },
  { limit: "maxLocals", of: (size) => withCode([], { locals: [[size, 0x7f]] }) },
  {
    limit: "maxEdges",
    of: (size) => withCode([0x02, 0x40, 0x41, 0, 0x0e, ...leb(size - 1), ...Array<number>(size).fill(0), 0x0b]),
  },
  { limit: "maxUnwinds", of: (size) => withCode([0x1f, 0x40, 0, ...repeat(size, [0x10, 0]), 0x0b]) },
  { limit: "maxLoops", of: (size) => withCode(repeat(size, [0x03, 0x40, 0x0b])) },
  {
    limit: "maxCrossings",
    of: (size) =>
      withCode([...repeat(1000, [0x10, 0]), ...repeat(size / 1000, [0x20, 0, 0x1a])], { locals: [[1, 0x7f]] }),
    step: 1000,
  },
  { limit: "maxMerges", of: (size) => withCode(merging(Math.ceil(size / 100)), { locals: [[100, 0x7f]] }), step: 100 },
];

for (const { limit, of, step = 1 } of bounded) {
  Deno.test(`instrumentModule() takes a module at ${limit} and refuses one beyond it`, () => {
    const most = DEFAULT_COST_LIMITS[limit];
    assert(WebAssembly.validate(instrumentModule(of(most), OPTIONS).bytes));
    const beyond = of(most + step);
    assert(WebAssembly.validate(beyond));
    const { code, message } = assertThrows(() => instrumentModule(beyond, OPTIONS), ModuleError);
    assertEquals(code, "MODULE_FUNCTION_TOO_LARGE");
    assertStringIncludes(message, `must have at most ${most} `);
    assertStringIncludes(message, `received ${most + step}`);
  });
}

Deno.test("instrumentModule() holds each function and their sum to the estimated work and nodes", () => {
  const body = [0, 0x41, 0, 0x04, 0x40, 0x0b, 0x0b];
  const scanner = new BodyScanner({ types: [], functions: [], tags: [] });
  scanner.scan(new Uint8Array(body), 0, body.length);
  const bytes = assemble(
    section(1, 1, 0x60, 0, 0),
    section(3, 2, 0, 0),
    section(10, 2, body.length, ...body, body.length, ...body),
  );
  const { nodes } = scanner.cost;
  const work = 1;
  const limited = [
    { limit: "maxNodes", most: nodes, code: "MODULE_FUNCTION_TOO_LARGE" },
    { limit: "maxModuleNodes", most: 2 * nodes, code: "MODULE_TOO_LARGE" },
    { limit: "maxWork", most: work, code: "MODULE_FUNCTION_TOO_LARGE" },
    { limit: "maxModuleWork", most: 2 * work, code: "MODULE_TOO_LARGE" },
  ];
  // One local makes work of what has none.
  const withLocal = assemble(
    section(1, 1, 0x60, 0, 0),
    section(3, 2, 0, 0),
    section(10, 2, 4, 1, 1, 0x7f, 0x0b, 4, 1, 1, 0x7f, 0x0b),
  );
  for (const { limit, most, code } of limited) {
    const module = limit.endsWith("Work") ? withLocal : bytes;
    const exact = limit.endsWith("Work") ? most * 2 : most;
    instrumentModule(module, { ...OPTIONS, costs: { [limit]: exact } });
    const error = assertThrows(
      () => instrumentModule(module, { ...OPTIONS, costs: { [limit]: exact - 1 } }),
      ModuleError,
    );
    assertEquals(error.code, code, limit);
  }
});

Deno.test("instrumentModule() refuses what is too much to compile before V8 validates it", () => {
  // Invalid at its very end: V8 would go through 1,000 results at each of the branches before it says so.
  const code = [0x02, 1, ...repeat(1000, [0x41, 0]), ...repeat(30_000, [0x41, 0, 0x0d, 0]), 0x0b, 0x6a];
  const bytes = withCode(code, { types: [[0x60, 0, ...leb(1000), ...Array<number>(1000).fill(0x7f)]] });
  const error = assertThrows(() => instrumentModule(bytes, OPTIONS), ModuleError);
  assertEquals(error.code, "MODULE_FUNCTION_TOO_LARGE");
});
