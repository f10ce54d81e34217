import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Declarations } from "../../../src/wasm/declarations.ts";
import { instrumentModule, placeOf } from "../../../src/wasm/mod.ts";
import { readCodeSection } from "../../../src/wasm/sections/code.ts";
import { SectionId, sectionReader } from "../../../src/wasm/sections/list.ts";
import { assemble } from "../../guests/build.ts";
import { assemble as assembleBytes, leb, section, sectionOf } from "./assemble.ts";

const OPTIONS = { maxMemoryPages: 2048, maxTableEntries: 200_000, allowGc: false };

/** Bodies of a module, by the index of their function. */
function bodiesOf(bytes: Uint8Array<ArrayBuffer>): ReadonlyMap<number, readonly [start: number, end: number]> {
  const declarations = new Declarations(bytes);
  const bodies = new Map<number, readonly [number, number]>();
  const code = declarations.section(SectionId.code);
  if (code !== undefined) {
    readCodeSection(
      sectionReader(bytes, code),
      (start, end, number) => bodies.set(declarations.importedFunctions + number, [start, end]),
    );
  }
  return bodies;
}

/** Asserts that every byte of every body is led back to, in order, from the same byte of the rewritten module. */
function assertLeadsBack(original: Uint8Array<ArrayBuffer>): void {
  const { bytes: rewritten, codeMap } = instrumentModule(original, OPTIONS);
  const bodies = bodiesOf(original);
  const found = new Set<number>();
  let last = 0;
  for (let at = 0; at < rewritten.length; at++) {
    const place = placeOf(codeMap, at);
    if (place === undefined) continue;
    const [start, end] = bodies.get(place.functionIndex) ?? [0, 0];
    assert(place.offset >= start && place.offset < end, `${place.offset} is not in function ${place.functionIndex}`);
    assert(place.offset >= last, `${place.offset} comes after ${last}`);
    last = place.offset;
    if (rewritten[at] === original[place.offset]) found.add(place.offset);
  }
  for (const [index, [start, end]] of bodies) {
    for (let at = start; at < end; at++) assert(found.has(at), `byte ${at} of function ${index} is not found`);
  }
}

/** Functions with and without probes, some longer than 127 and 16,383 bytes, so that their sizes take 1 to 3 bytes. */
const LARGE = `(module (import "env" "f" (func $f)) (memory 1)
  ${
  Array.from({ length: 140 }, (_, index) =>
    `(func ${index % 2 === 0 ? "(local $at i32)" : ""}
    ${"(drop (i32.const 77))".repeat([1, 40, 3, 0, 5][index % 5] ?? 0)}
    ${index % 3 === 0 ? "(call $f)" : ""}
    ${index % 4 === 0 ? "(loop $again (br_if $again (i32.const 0)))" : ""}
    ${index === 70 ? "(drop (i32.const 77))".repeat(5_000) : ""})`).join("\n")
})`;

Deno.test("placeOf() leads every byte of rewritten code back to the file", async () => {
  assertLeadsBack(await assemble("large", LARGE));
});

for (const name of ["c/policy", "wat/policy"]) {
  Deno.test(`placeOf() leads every byte of rewritten code back to the file: ${name}`, () => {
    assertLeadsBack(Deno.readFileSync(fromFileUrl(new URL(`../../../examples/${name}.wasm`, import.meta.url))));
  });
}

Deno.test("placeOf() leads back where sizes of bodies are padded in the file", () => {
  const padded = (size: number) => [size | 0x80, 0x80, 0];
  const body = [0, 0x10, 0, 0x0b];
  assertLeadsBack(assembleBytes(
    section(1, 1, 0x60, 0, 0),
    section(3, 2, 0, 0),
    section(10, 2, ...padded(body.length), ...body, ...padded(body.length), ...body),
  ));
});

Deno.test("placeOf() finds nothing in what the rewrite has added, and outside of the code", async () => {
  const module = await assemble(
    "fills",
    "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 9))))",
  );
  const { bytes, codeMap } = instrumentModule(module, OPTIONS);
  for (const at of [0, 8, 20, bytes.length - 1, bytes.length, 2 ** 32 - 1]) {
    assertEquals(placeOf(codeMap, at), undefined);
  }
});

/** Three functions that call each other, with this name section and the second of them exported. */
function named(...names: readonly number[][]): Uint8Array<ArrayBuffer> {
  const body = [4, 0, 0x10, 0, 0x0b];
  const entries = names.flat();
  const subsection = [...leb(names.length), ...entries];
  return assembleBytes(
    section(1, 1, 0x60, 0, 0),
    section(3, 3, 0, 0, 0),
    section(7, 1, 1, 0x65, 0, 1),
    section(10, 3, ...body, ...body, ...body),
    sectionOf(0, [4, 0x6e, 0x61, 0x6d, 0x65, 1, ...leb(subsection.length), ...subsection]),
  );
}

/** One entry of a name section. */
const entry = (index: number, text: string) => [...leb(index), ...leb(text.length), ...new TextEncoder().encode(text)];

/** Names of all functions, in their order. */
function namesOf(bytes: Uint8Array<ArrayBuffer>): readonly (string | undefined)[] {
  const { bytes: rewritten, codeMap } = instrumentModule(bytes, OPTIONS);
  const names = new Map<number, string | undefined>();
  for (let at = 0; at < rewritten.length; at++) {
    const place = placeOf(codeMap, at);
    if (place !== undefined) names.set(place.functionIndex, place.name);
  }
  return [...bodiesOf(bytes).keys()].map((index) => names.get(index));
}

Deno.test.each<
  { readonly name: string; readonly entries: readonly number[][]; readonly names: readonly (string | undefined)[] }
>([
  { name: "all", entries: [entry(0, "a"), entry(1, "b"), entry(2, "c")], names: ["a", "b", "c"] },
  { name: "none but an export's", entries: [], names: [undefined, "e", undefined] },
  { name: "those that there are", entries: [entry(2, "c")], names: [undefined, "e", "c"] },
  {
    name: "not those out of order",
    entries: [entry(1, "b"), entry(0, "a"), entry(2, "c")],
    names: [undefined, "b", "c"],
  },
  { name: "the first of two", entries: [entry(0, "a"), entry(0, "x"), entry(2, "c")], names: ["a", "e", "c"] },
  {
    name: "none of a function that is not there",
    entries: [entry(0, "a"), entry(9, "x")],
    names: ["a", "e", undefined],
  },
  { name: "not what lies beyond the section", entries: [entry(0, "a"), [1, 100, 0x62]], names: ["a", "e", undefined] },
  {
    name: "the beginning of a long one",
    entries: [entry(0, "x".repeat(200)), entry(1, "y".repeat(201))],
    names: ["x".repeat(200), "y".repeat(200), undefined],
  },
])("placeOf() tells names of functions: $name", ({ entries, names }) => {
  assertEquals(namesOf(named(...entries)), names);
});
