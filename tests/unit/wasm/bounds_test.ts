import { assertEquals, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { boundMemories, boundTables } from "../../../src/wasm/bounds.ts";
import { Declarations } from "../../../src/wasm/declarations.ts";
import { assemble, leb, sectionOf } from "./assemble.ts";

const many = (id: number, count: number, entry: readonly number[]) =>
  new Declarations(assemble(sectionOf(id, [...leb(count)].concat(...Array(count).fill(entry)))));

/** So many memories without a maximum, each starting with so many pages. */
const memories = (count: number, pages: number) => many(5, count, [0, ...leb(pages)]);
/** So many tables without a maximum, each starting with so many entries. */
const tables = (count: number, entries: number) => many(4, count, [0x70, 0, ...leb(entries)]);

const cases = [
  {
    of: "boundMemories()",
    what: "100 memories",
    code: "MODULE_MEMORY_TOO_LARGE",
    at: () => boundMemories(memories(100, 0), 256),
    beyond: () => boundMemories(memories(101, 0), 256),
  },
  {
    of: "boundMemories()",
    what: "memories that start with all pages there may be",
    code: "MODULE_MEMORY_TOO_LARGE",
    at: () => boundMemories(memories(2, 128), 256),
    beyond: () => boundMemories(memories(2, 128), 255),
  },
  {
    of: "boundTables()",
    what: "1,000 tables",
    code: "MODULE_TABLE_TOO_LARGE",
    at: () => boundTables(tables(1000, 0), 10),
    beyond: () => boundTables(tables(1001, 0), 10),
  },
  {
    of: "boundTables()",
    what: "tables that start with all entries there may be",
    code: "MODULE_TABLE_TOO_LARGE",
    at: () => boundTables(tables(2, 5), 10),
    beyond: () => boundTables(tables(2, 5), 9),
  },
];
for (const { of, what, code, at, beyond } of cases) {
  Deno.test(`${of} takes ${what}, and refuses more`, () => {
    at();
    assertEquals(assertThrows(beyond, ModuleError).code, code);
  });
}

Deno.test("boundMemories() and boundTables() leave no maximum above what V8 takes", () => {
  const most = (limits: readonly { readonly max?: number }[]) => limits.map(({ max }) => max);
  assertEquals(most(boundMemories(memories(1, 1), 1_000_000)), [65_536]);
  assertEquals(most(boundMemories(many(5, 1, [4, 1]), 1_000_000)), [262_144]);
  assertEquals(most(boundTables(tables(1, 1), 100_000_000)), [10_000_000]);
});

Deno.test("boundMemories() refuses a shared memory", () => {
  const { code } = assertThrows(() => boundMemories(many(5, 1, [3, 1, 1]), 256), ModuleError);
  assertEquals(code, "MODULE_USES_THREADS");
});
