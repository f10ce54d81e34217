import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { Declarations } from "../../../src/wasm/declarations.ts";
import { TypeBudget } from "../../../src/wasm/type_budget.ts";
import { assemble, section } from "./assemble.ts";

const FIRST = [0x60, 1, 0x7f, 0];
const SECOND = [0x60, 1, 0x7e, 0];
const THIRD = [0x60, 1, 0x7d, 0];
/** A function of a reference to type 0. */
const REFERRING = [0x60, 1, 0x64, 0, 0];
const GROUP = [0x4e, 2, ...FIRST, ...SECOND];

const declarationsOf = (...types: readonly number[][]) =>
  new Declarations(assemble(section(1, types.length, ...types.flat())));

interface Row {
  readonly name: string;
  readonly modules: readonly (readonly number[][])[];
  readonly types: number;
}

const ROWS: readonly Row[] = [
  { name: "each type of a module", modules: [[FIRST, SECOND]], types: 2 },
  { name: "a type twice in a module once", modules: [[FIRST, FIRST]], types: 1 },
  { name: "a module loaded again once", modules: [[FIRST, REFERRING], [FIRST, REFERRING]], types: 2 },
  { name: "the types that another module adds", modules: [[FIRST, SECOND], [THIRD, SECOND]], types: 3 },
  { name: "each member of a group", modules: [[GROUP]], types: 2 },
  {
    name: "the same reference to another type as another type",
    modules: [[FIRST, REFERRING], [SECOND, REFERRING]],
    types: 4,
  },
];

for (const { name, modules, types } of ROWS) {
  Deno.test(`TypeBudget counts ${name}`, () => {
    const enough = new TypeBudget(types);
    for (const module of modules) enough.take(declarationsOf(...module));
    const short = new TypeBudget(types - 1);
    const error = assertThrows(() => modules.forEach((module) => short.take(declarationsOf(...module))), ModuleError);
    assertEquals(error.code, "MODULE_TOO_MANY_TYPES");
    assertStringIncludes(error.message, `must be at most ${types - 1} different ones`);
    assertStringIncludes(error.message, "Restart the agent");
  });
}

Deno.test("TypeBudget counts the bytes of types", () => {
  new TypeBudget(9, 8).take(declarationsOf(FIRST, SECOND));
  const error = assertThrows(() => new TypeBudget(9, 7).take(declarationsOf(FIRST, SECOND)), ModuleError);
  assertStringIncludes(error.message, "must be at most 7 bytes");
});

Deno.test("TypeBudget tells 100,000 types apart", () => {
  const budget = new TypeBudget(100_000);
  const types = Array.from({ length: 100_000 }, (_, index) => {
    const params = Array.from({ length: 9 }, (_, at) => 0x7c + ((index >> (2 * at)) & 3));
    return [0x60, 9, ...params, 0];
  });
  const bytes = assemble([1, ...leb5(types.length * 12 + 3), 0xa0, 0x8d, 0x06].concat(types.flat()));
  budget.take(new Declarations(bytes));
  assertThrows(() => budget.take(declarationsOf([0x60, 0, 0])), ModuleError);
});

function leb5(value: number): number[] {
  return [0, 7, 14, 21, 28].map((shift) => ((value >>> shift) & 0x7f) | (shift < 28 ? 0x80 : 0));
}

Deno.test("TypeBudget goes on from what the budget of another thread has seen", () => {
  const first = new TypeBudget(3);
  first.take(declarationsOf(FIRST, SECOND));
  const second = new TypeBudget(3);
  second.seen = structuredClone(first.seen);
  second.take(declarationsOf(FIRST, SECOND, THIRD));
  assertThrows(() => second.take(declarationsOf(REFERRING)), ModuleError, "at most 3 different ones");
});
