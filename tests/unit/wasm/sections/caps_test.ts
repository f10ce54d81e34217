import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModuleError } from "../../../../src/errors.ts";
import { inspectModule } from "../../../../src/wasm/mod.ts";
import { assemble, leb, name, section, sectionOf } from "../assemble.ts";

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
        many(7, count - 650_001, (index) => [...name(`${index}`), 2, 0]),
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

const MIB = 1024 * 1024;

/** A module of one section with these contents, filled up in the middle to so many bytes. */
function filled(
  id: number,
  size: number,
  before: readonly number[],
  fill: readonly number[],
  after: readonly number[],
): Uint8Array<ArrayBuffer> {
  const head = [...assemble(), id, ...leb(size), ...before];
  const bytes = new Uint8Array(head.length - before.length + size);
  bytes.set(head);
  for (let at = head.length; at < bytes.length; at++) bytes[at] = fill[(at - head.length) % fill.length] ?? 0;
  bytes.set(after, bytes.length - after.length);
  return bytes;
}

interface ByteCap {
  readonly what: string;
  readonly max: number;
  readonly build: (bytes: number) => Uint8Array<ArrayBuffer>;
}

const ADDITION = [0x41, 0x80, 0x00, 0x6a];
const BYTE_CAPS: readonly ByteCap[] = [
  {
    what: "its import section must have",
    max: 2 * MIB,
    build: (bytes) => filled(2, bytes, [1, ...leb(bytes - 9)], [0x41], [0, 3, 0x7f, 0]),
  },
  {
    what: "its type section must have",
    max: 2 * MIB,
    build: (bytes) => filled(1, bytes, [1, 0x60, ...leb(bytes - 7)], [0x7f], [0]),
  },
  {
    what: "its global section must have",
    max: 2 * MIB,
    build: (bytes) => filled(6, bytes, [1, 0x7f, 0], [0xc1, 0x01, ...ADDITION], [0x0b]),
  },
  {
    what: "its export section must have",
    max: 32 * MIB,
    build: (bytes) => filled(7, bytes, [0x81, 0x80, 0x00, ...leb(bytes - 9)], [0x41], [2, 0]),
  },
];

for (const { what, max, build } of BYTE_CAPS) {
  Deno.test(`inspectModule() refuses ${max + 1} bytes where ${what} at most ${max}`, () => {
    const codeOf = (bytes: number) => {
      try {
        inspectModule(build(bytes));
        return "taken";
      } catch (error) {
        return error instanceof ModuleError ? `${error.code}: ${error.message}` : String(error);
      }
    };
    assert(!codeOf(max).startsWith("MODULE_TOO_LARGE"), codeOf(max));
    assertStringIncludes(codeOf(max + 1), `${what} at most ${max} bytes`);
  });
}

Deno.test("inspectModule() takes 2 MiB of offsets of data segments and refuses more", () => {
  const segment = (additions: number) => {
    const code = Array(additions).fill(ADDITION).flat();
    return [0, 0x41, 0].concat(code, 0x0b, 0);
  };
  // Each expression has 3 bytes besides its additions.
  const build = (last: number) =>
    assemble(ONE_MEMORY, sectionOf(11, [3].concat(segment(2 * MIB / 8), segment(2 * MIB / 8 - 3), segment(last))));
  inspectModule(build(0));
  const error = assertThrows(() => inspectModule(build(1)), ModuleError);
  assertStringIncludes(error.message, `the offsets of its data segments must take at most ${2 * MIB} bytes`);
});
