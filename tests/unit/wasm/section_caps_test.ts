import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { inspectModule } from "../../../src/wasm/mod.ts";
import { assemble, leb, name, section, sectionOf } from "./assemble.ts";

const VOID = section(1, 1, 0x60, 0, 0);
const ONE_FUNCTION = section(3, 1, 0);
const ONE_MEMORY = section(5, 1, 0, 1);

/** So many entries, each as `entry` gives it. */
function many(id: number, count: number, entry: (index: number) => readonly number[]): number[] {
  return sectionOf(id, leb(count).concat(Array.from({ length: count }, (_, index) => entry(index)).flat()));
}

/** A passive segment of so many functions. */
const segment = (entries: number) => [1, 0, ...leb(entries)].concat(Array(entries).fill(0));

interface Cap {
  readonly what: string;
  readonly max: number;
  readonly build: (count: number) => Uint8Array<ArrayBuffer>;
}

const CAPS: readonly Cap[] = [
  { what: "types", max: 100_000, build: (count) => assemble(many(1, count, () => [0x60, 0, 0])) },
  {
    what: "types",
    max: 100_000,
    build: (count) => assemble(sectionOf(1, [1, 0x4e].concat(leb(count), Array(count).fill([0x60, 0, 0]).flat()))),
  },
  { what: "imports", max: 20_000, build: (count) => assemble(VOID, many(2, count, () => [1, 0x65, 1, 0x66, 0, 0])) },
  { what: "functions", max: 300_000, build: (count) => assemble(VOID, many(3, count, () => [0])) },
  { what: "exception tags", max: 10_000, build: (count) => assemble(VOID, many(13, count, () => [0, 0])) },
  { what: "globals", max: 150_000, build: (count) => assemble(many(6, count, () => [0x7f, 0, 0x41, 0, 0x0b])) },
  {
    what: "exports",
    max: 300_000,
    build: (count) => assemble(ONE_MEMORY, many(7, count, (index) => [...name(`${index}`), 2, 0])),
  },
  {
    what: "element segments",
    max: 20_000,
    build: (count) => assemble(VOID, ONE_FUNCTION, many(9, count, () => segment(0))),
  },
  {
    what: "entries in a passive element segment",
    max: 50_000,
    build: (count) => assemble(VOID, ONE_FUNCTION, many(9, 1, () => segment(count))),
  },
  {
    what: "entries in all element segments together",
    max: 300_000,
    build: (count) =>
      assemble(VOID, ONE_FUNCTION, many(9, 7, (index) => segment(index === 0 ? count - 270_000 : 45_000))),
  },
  { what: "data segments", max: 100_000, build: (count) => assemble(ONE_MEMORY, many(11, count, () => [1, 0])) },
  { what: "custom sections", max: 10_000, build: (count) => assemble(Array(count).fill([0, 1, 0]).flat()) },
  {
    what: "entries in all sections together",
    max: 750_000,
    build: (count) =>
      assemble(
        many(1, 100_000, () => [0x60, 0, 0]),
        many(3, 300_000, () => [0]),
        ONE_MEMORY,
        many(6, 150_000, () => [0x7f, 0, 0x41, 0, 0x0b]),
        many(7, count - 650_000, (index) => [...name(`${index}`), 2, 0]),
        many(11, 100_000, () => [1, 0]),
      ),
  },
];

for (const { what, max, build } of CAPS) {
  Deno.test(`inspectModule() takes ${max} ${what} and refuses one more`, () => {
    inspectModule(build(max));
    const error = assertThrows(() => inspectModule(build(max + 1)), ModuleError);
    assertEquals(error.code, "MODULE_TOO_LARGE");
    assertStringIncludes(error.message, `must have at most ${max} ${what}`);
    assertStringIncludes(error.message, `received ${max + 1}`);
  });
}

const MAX_SECTION_BYTES = 32 * 1024 * 1024;

/** A module of one import section, whose contents of so many bytes are one import with a long name. */
function longImport(sectionBytes: number): Uint8Array<ArrayBuffer> {
  const header = [...assemble(), 2, ...leb(sectionBytes), 1];
  const name = leb(sectionBytes - 9);
  assertEquals(name.length, 4);
  const bytes = new Uint8Array(header.length - 1 + sectionBytes).fill(0x41);
  bytes.set([...header, ...name]);
  bytes.set([0, 3, 0x7f, 0], bytes.length - 4);
  return bytes;
}

Deno.test("inspectModule() takes 32 MiB of a section and refuses one byte more", () => {
  inspectModule(longImport(MAX_SECTION_BYTES));
  const error = assertThrows(() => inspectModule(longImport(MAX_SECTION_BYTES + 1)), ModuleError);
  assertStringIncludes(error.message, `its import section must have at most ${MAX_SECTION_BYTES} bytes`);
});
